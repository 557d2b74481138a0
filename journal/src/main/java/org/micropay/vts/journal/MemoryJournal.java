package org.micropay.vts.journal;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;
import org.micropay.vts.journal.JournalException.Reason;

/**
 * A journal in memory with the frames, chain and contract of the one on disk, for tests and
 * simulation. {@link #crash} plays a crash, {@link #failNextSync} a disk that fails.
 *
 * <p>One thread, which may also read through {@link #reader}. It grows with each record.
 */
public final class MemoryJournal implements Journal {
  private final List<byte[]> frames;
  private final byte[] identity;
  private final int epoch;
  private final FrameCodec codec;
  private long durablePosition;
  private boolean belowReserve;
  private boolean syncFails;
  private JournalException failure;
  private boolean closed;

  private MemoryJournal(List<byte[]> frames, byte[] identity, int epoch, byte[] chain) {
    this.frames = frames;
    this.identity = identity.clone();
    this.epoch = epoch;
    this.codec = new FrameCodec(chain);
    this.durablePosition = frames.size();
  }

  /** An empty journal with the given 32-byte identity. */
  public static MemoryJournal create(byte[] identity) {
    return new MemoryJournal(new ArrayList<>(), identity, 1, FrameCodec.genesis(identity));
  }

  /**
   * Ends this journal as a crash would and opens what is left.
   *
   * @param unsyncedKept how many of the records that were not durable survive
   */
  public MemoryJournal crash(int unsyncedKept) {
    closed = true;
    int kept = (int) Math.min(frames.size(), durablePosition + unsyncedKept);
    List<byte[]> left = new ArrayList<>(frames.subList(0, kept));
    byte[] chain = FrameCodec.genesis(identity);
    if (kept > 0) {
      byte[] last = left.getLast();
      int end = last.length - FrameLayout.CRC_LENGTH;
      chain = Arrays.copyOfRange(last, end - FrameLayout.CHAIN_LENGTH, end);
    }
    return new MemoryJournal(left, identity, epoch + 1, chain);
  }

  /** Makes the next sync fail as a disk error would. */
  public void failNextSync() {
    syncFails = true;
  }

  /** Sets what {@link #belowReserve()} answers. */
  public void setBelowReserve(boolean below) {
    belowReserve = below;
  }

  /** A reader over this journal, which follows it as it grows. */
  public JournalReader reader() {
    return new Reader();
  }

  @Override
  public long nextPosition() {
    return frames.size() + 1L;
  }

  @Override
  public void append(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    checkUsable();
    if (position != nextPosition()
        || type < 1
        || type > 0xFFFF
        || timeMillis < 0
        || length < 0
        || length > FrameLayout.MAX_PAYLOAD_LENGTH) {
      failure =
          new JournalException(
              Reason.ILLEGAL_CALL,
              "append of position %d, type %d, time %d, length %d; the next position is %d"
                  .formatted(position, type, timeMillis, length, nextPosition()));
      throw failure;
    }
    int frameLength =
        codec.encode(position, type, timeMillis, durablePosition, epoch, payload, offset, length);
    frames.add(Arrays.copyOfRange(codec.bytes(), FrameCodec.FRAME, FrameCodec.FRAME + frameLength));
  }

  @Override
  public void sync() {
    checkUsable();
    if (syncFails) {
      failure = new JournalException(Reason.IO, "cannot make the journal durable: injected fault");
      throw failure;
    }
    durablePosition = frames.size();
  }

  @Override
  public long durablePosition() {
    return durablePosition;
  }

  @Override
  public boolean belowReserve() {
    return belowReserve;
  }

  private void checkUsable() {
    if (failure != null) {
      throw new JournalException(
          Reason.CLOSED, "the journal has failed before: " + failure.getMessage(), failure);
    }
    if (closed) {
      throw new JournalException(Reason.CLOSED, "the journal is closed");
    }
  }

  @Override
  public void close() {
    if (failure == null && !closed) {
      sync();
    }
    closed = true;
  }

  private final class Reader implements JournalReader {
    private FrameCodec codec = new FrameCodec(FrameCodec.genesis(identity));
    private long position;

    @Override
    public boolean next(FrameHandler handler) {
      if (position >= frames.size()) {
        return false;
      }
      byte[] frame = frames.get((int) position);
      codec.load(MemorySegment.ofArray(frame), 0, frame.length);
      String fault = codec.checkShape(frame.length);
      if (fault == null && codec.position() != position + 1) {
        fault = "found position " + codec.position() + " in its place";
      }
      if (fault == null && !codec.checkChain()) {
        fault = "it does not continue the hash chain";
      }
      if (fault != null) {
        throw JournalException.corrupt(fault, position + 1, "memory", 0);
      }
      position++;
      codec.deliver(handler);
      return true;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public JournalPoint point() {
      return new JournalPoint(position, codec.chain());
    }

    @Override
    public FrameLocation location() {
      return null;
    }

    @Override
    public boolean read(long wanted, FrameHandler handler) {
      if (wanted < 1 || wanted > frames.size()) {
        return false;
      }
      try (Reader reader = new Reader()) {
        boolean found = true;
        while (found && reader.position < wanted - 1) {
          found = reader.next(FrameHandler.NONE);
        }
        return found && reader.next(handler);
      }
    }

    @Override
    public TailReport tail() {
      return new TailReport(frames.size(), "memory", 0, 0);
    }

    @Override
    public void close() {
      position = frames.size();
    }
  }
}
