package org.micropay.vts.pipeline;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/**
 * A thread that waits for a counter to move sees it move. A plain read would be taken out of the
 * loop by the compiler.
 */
@JCStressTest(Mode.Termination)
@Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "seen")
@Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "never seen")
@State
public class StageCountersSeenStress {
  private final StageCounters counters = new StageCounters("stage");

  /** The thread that waits. */
  @Actor
  public void reader() {
    while (counters.slots() == 0) {
      // Nothing in the loop but the read.
    }
  }

  /** The stage's thread. */
  @Signal
  public void writer() {
    counters.busy(1, 1);
  }
}
