package org.micropay.vts.journal;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Frames that follow each other in one file, as they lie there, unchecked; filled by {@link
 * JournalWalk#next}. Used again and again: no allocation after construction.
 *
 * <p>The mapping is read-only, may be read by any thread, and stays until {@link #release}. The
 * rest belongs to the walk's thread; whoever hands a range to another thread does so with a
 * happens-before edge.
 */
public final class FrameRange {
  private final long[] offsets;
  private final int[] lengths;
  private final int span;
  private final byte[] chainBefore = new byte[FrameLayout.CHAIN_LENGTH];
  private int count;
  private long firstPosition;
  private int epoch;
  private JournalWalk.OpenFile file;

  /** Room for {@code capacity} frames that lie within {@code span} bytes, or one longer frame. */
  public FrameRange(int capacity, int span) {
    offsets = new long[capacity];
    lengths = new int[capacity];
    this.span = span;
  }

  void begin(JournalWalk.OpenFile source, int epochNumber, long position, byte[] chain) {
    release();
    file = source;
    file.users++;
    epoch = epochNumber;
    firstPosition = position;
    System.arraycopy(chain, 0, chainBefore, 0, chainBefore.length);
  }

  boolean hasRoomFor(long end) {
    return count == 0 || count < offsets.length && end - offsets[0] <= span;
  }

  void add(long offset, int length) {
    offsets[count] = offset;
    lengths[count++] = length;
  }

  /** Gives the mapping back; the walk's thread calls it when nobody reads the range any more. */
  public void release() {
    count = 0;
    if (file != null) {
      JournalWalk.OpenFile held = file;
      file = null;
      held.users--;
      held.closeIfUnused();
    }
  }

  /** Number of frames. */
  public int count() {
    return count;
  }

  /** The position that the frame at {@code index} must have. */
  public long position(int index) {
    return firstPosition + index;
  }

  /** Offset in {@link #mapping()}, and in the file, at which the frame begins. */
  public long offset(int index) {
    return offsets[index];
  }

  /** Length of the document that holds the frame, in bytes; the frame's own field should agree. */
  public int length(int index) {
    return lengths[index];
  }

  /** The whole file, read-only. */
  public MemorySegment mapping() {
    return file.queue.mapping();
  }

  /** The file. */
  public Path file() {
    return file.queue.path();
  }

  /** Number of the epoch whose files these are. */
  public int epoch() {
    return epoch;
  }

  /**
   * What the first frame must continue: the stored chain hash of the frame before it, or the one in
   * the epoch's head, or where the walk began. 32 bytes, not a copy.
   */
  public byte[] chainBefore() {
    return chainBefore;
  }
}
