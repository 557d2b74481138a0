package org.micropay.vts.pipeline;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;

/**
 * What the stages of one step share when each slot is for one of them: whichever is free takes the
 * next run of slots, as the workers of Disruptor 3's WorkerPool took the next event. So a worker
 * whose CPU is taken away for a while delays its own run, and the others do the rest.
 *
 * <pre>
 *             finished          held by 1         held by 0           taken
 *  all done ------|--- run of 1 ----|---- done -------|--- run of 0 ----|--- free ---
 * </pre>
 *
 * <p>Two rules make {@link #finished} safe without a lock. A member writes down that it holds what
 * follows sequence s <em>before</em> it moves {@code taken} on from s; and who asks what is
 * finished reads {@code taken} <em>first</em>. Whoever sees a run taken therefore sees it held, or
 * sees what was written when it was done.
 *
 * <p>Each member is called by one thread at a time; {@link #finished} may be read by any.
 */
final class WorkerGroup {
  private static final long NOTHING = Long.MAX_VALUE;

  private final Sequence taken = new Sequence(RingBuffer.INITIAL_CURSOR_VALUE);
  private final Sequence[] held;
  private final Sequence finished = new Finished();

  WorkerGroup(int members) {
    held = new Sequence[members];
    for (int member = 0; member < members; member++) {
      held[member] = new Sequence(NOTHING);
    }
  }

  /** The highest sequence up to which every slot is finished. */
  private final class Finished extends Sequence {
    @Override
    public long get() {
      long least = taken.get();
      for (Sequence one : held) {
        least = Math.min(least, one.get());
      }
      return least;
    }

    @Override
    public String toString() {
      return Long.toString(get());
    }

    /** Nobody sets it; but whoever makes it a gate of the ring is told its value once. */
    @Override
    public void set(long value) {
      if (value != get()) {
        throw new UnsupportedOperationException("follows from the members");
      }
    }

    @Override
    public void setVolatile(long value) {
      throw new UnsupportedOperationException("follows from the members");
    }

    @Override
    public boolean compareAndSet(long expected, long value) {
      throw new UnsupportedOperationException("follows from the members");
    }

    @Override
    public long incrementAndGet() {
      throw new UnsupportedOperationException("follows from the members");
    }

    @Override
    public long addAndGet(long increment) {
      throw new UnsupportedOperationException("follows from the members");
    }
  }

  int members() {
    return held.length;
  }

  /**
   * For the stages behind: up to where they may read. A member that comes too late to take a run
   * makes it fall for a moment; who reads on from where he is finds nothing then, and looks again.
   */
  Sequence finished() {
    return finished;
  }

  /** The last slot that anyone has taken. */
  long taken() {
    return taken.get();
  }

  /** Whether the member holds slots. */
  boolean holds(int member) {
    return held[member].get() != NOTHING;
  }

  /**
   * Takes the slots after {@code from} up to {@code to}, beside what the member holds already;
   * false when another was faster.
   */
  boolean tryTake(int member, long from, long to) {
    boolean fresh = !holds(member);
    if (fresh) {
      held[member].set(from);
    }
    boolean won = taken.compareAndSet(from, to);
    if (!won && fresh) {
      held[member].set(NOTHING);
    }
    return won;
  }

  /** The member has finished whatever it held before sequence {@code first}. */
  void holdFrom(int member, long first) {
    held[member].set(first - 1);
  }

  /** The member has finished all that it held. */
  void release(int member) {
    held[member].set(NOTHING);
  }
}
