package org.micropay.vts.settlement;

import org.agrona.collections.LongArrayList;
import org.agrona.collections.LongHashSet;

/**
 * Which grants are settled for good, by position. A snapshot need not name them: up to its position
 * every grant is final but those that it lists, so that what is kept does not grow with what was
 * settled before. Only positions of grants are asked for. The chain thread owns it.
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

  /** Begins again: all up to {@code position} are final but {@code exceptions}. */
  void restore(long position, LongArrayList exceptions) {
    through = position;
    open.clear();
    later.clear();
    exceptions.forEach(open::add);
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
