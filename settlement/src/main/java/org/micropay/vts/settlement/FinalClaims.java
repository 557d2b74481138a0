package org.micropay.vts.settlement;

import org.agrona.collections.LongArrayList;
import org.agrona.collections.LongHashSet;

/**
 * Which grants are settled for good, by position. Up to one position every grant is final but those
 * that are listed as open; behind it the final ones are listed, 12 to 25 bytes each, until {@link
 * #compact} moves that position on. So what is kept, also in a snapshot, grows with what is open
 * and not with what was ever settled. Only positions of grants are asked for. The chain thread owns
 * it.
 */
final class FinalClaims {
  private long through;
  private final LongHashSet open = new LongHashSet();
  private final LongHashSet later = new LongHashSet();

  boolean contains(long position) {
    return position <= through ? !open.contains(position) : later.contains(position);
  }

  void add(long position) {
    if (position <= through) {
      open.remove(position);
    } else {
      later.add(position);
    }
  }

  void remove(long position) {
    if (position <= through) {
      open.add(position);
    } else {
      later.remove(position);
    }
  }

  /** How many final ones are listed. */
  int listed() {
    return later.size();
  }

  /** Begins again: all up to {@code position} are final but {@code exceptions}. */
  void restore(long position, LongArrayList exceptions) {
    later.clear();
    compact(position, exceptions);
  }

  /**
   * Says the same in fewer words.
   *
   * @param position up to which all that is open is known; when it is lower than before, nothing
   *     happens
   * @param exceptions every grant up to there that is not final
   */
  void compact(long position, LongArrayList exceptions) {
    if (position < through) {
      return;
    }
    LongArrayList behind = new LongArrayList();
    for (long one : later) {
      if (one > position) {
        behind.addLong(one);
      }
    }
    through = position;
    open.clear();
    open.compact();
    exceptions.forEach(open::add);
    later.clear();
    later.compact();
    behind.forEach(later::add);
  }

  /** Whether both say the same of every position that either of them names. */
  @Override
  public boolean equals(Object object) {
    return object instanceof FinalClaims other && agreesWith(other) && other.agreesWith(this);
  }

  private boolean agreesWith(FinalClaims other) {
    for (long position : open) {
      if (other.contains(position)) {
        return false;
      }
    }
    for (long position : later) {
      if (!other.contains(position)) {
        return false;
      }
    }
    return true;
  }

  /** The same for all: equal ones may name different positions. */
  @Override
  public int hashCode() {
    return 1;
  }
}
