package org.micropay.vts.appliance.server;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.journal.JournalPoint;
import org.micropay.vts.journal.JournalReplay;

/**
 * Recovery on two cores: the thread that opens the journal reads and checks records and shows them
 * to the guard of grants, another one folds the rest of the state. Records go over in chunks of
 * {@value #CHUNK} bytes that are used again and again.
 *
 * <pre>
 *  record in a chunk: position i64 | timeMillis i64 | type i32 | length i32 | payload, to 8 bytes
 * </pre>
 *
 * <p>{@link #onEnd} returns when everything is folded, or throws what the fold threw: before the
 * journal is written to.
 */
final class ReplayRelay implements JournalReplay, AutoCloseable {
  private static final int CHUNK = 1 << 20;
  private static final int CHUNKS = 8;
  private static final int HEAD = 24;

  private static final class Chunk {
    final UnsafeBuffer buffer = new UnsafeBuffer(new byte[CHUNK]);
    int length;
  }

  private final FrameHandler beside;
  private final FrameHandler fold;
  private final BlockingQueue<Chunk> free = new ArrayBlockingQueue<>(CHUNKS);
  private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS + 1);
  private final Chunk last = new Chunk();
  private final Thread thread;
  private volatile Throwable failure;
  private Chunk current;
  private boolean ended;

  private ReplayRelay(FrameHandler beside, FrameHandler fold) {
    this.beside = beside;
    this.fold = fold;
    for (int i = 0; i < CHUNKS; i++) {
      free.add(new Chunk());
    }
    thread = Thread.ofPlatform().name("vts-replay").unstarted(this::run);
  }

  /** Starts the thread that folds; {@code beside} gets each record on the reading thread. */
  static ReplayRelay start(FrameHandler beside, FrameHandler fold) {
    ReplayRelay relay = new ReplayRelay(beside, fold);
    relay.thread.start();
    return relay;
  }

  private void run() {
    try {
      for (Chunk chunk = full.take(); chunk != last; chunk = full.take()) {
        if (failure == null) {
          fold(chunk);
        }
        free.put(chunk);
      }
    } catch (InterruptedException e) {
      failure = e;
    }
  }

  private void fold(Chunk chunk) {
    UnsafeBuffer buffer = chunk.buffer;
    try {
      int at = 0;
      while (at < chunk.length) {
        int length = buffer.getInt(at + 20);
        fold.onFrame(
            buffer.getLong(at),
            buffer.getInt(at + 16),
            buffer.getLong(at + 8),
            buffer,
            at + HEAD,
            length);
        at += size(length);
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }

  private static int size(int length) {
    return HEAD + (length + 7 & ~7);
  }

  @Override
  public void onFrame(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    beside.onFrame(position, type, timeMillis, payload, offset, length);
    if (current == null || current.length + size(length) > CHUNK) {
      hand();
      throwFailure();
      current = take();
      current.length = 0;
    }
    UnsafeBuffer buffer = current.buffer;
    int at = current.length;
    buffer.putLong(at, position);
    buffer.putLong(at + 8, timeMillis);
    buffer.putInt(at + 16, type);
    buffer.putInt(at + 20, length);
    buffer.putBytes(at + HEAD, payload, offset, length);
    current.length = at + size(length);
  }

  private Chunk take() {
    try {
      return free.take();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while reading the journal", e);
    }
  }

  private void hand() {
    if (current != null) {
      full.add(current);
      current = null;
    }
  }

  @Override
  public void onEnd(JournalPoint end) {
    close();
    throwFailure();
  }

  private void throwFailure() {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }

  /** Waits for the thread; safe to call twice. */
  @Override
  public void close() {
    if (ended) {
      return;
    }
    ended = true;
    hand();
    full.add(last);
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while reading the journal", e);
    }
  }
}
