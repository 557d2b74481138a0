package org.micropay.vts.pipeline;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/** A counter read twice beside its stage: it never goes back, and in the end nothing is missing. */
@JCStressTest
@Outcome(
    id = {"0, 0, 7", "0, 3, 7", "0, 7, 7", "3, 3, 7", "3, 7, 7", "7, 7, 7"},
    expect = Expect.ACCEPTABLE,
    desc = "exact for some recent moment")
@Outcome(expect = Expect.FORBIDDEN, desc = "went back, or lost a count")
@State
public class StageCountersStress {
  private final StageCounters counters = new StageCounters("stage");

  /** The stage's thread. */
  @Actor
  public void writer() {
    counters.busy(3, 1);
    counters.busy(4, 1);
  }

  /** The thread that is asked for metrics. */
  @Actor
  public void reader(JJJ_Result result) {
    result.r1 = counters.slots();
    result.r2 = counters.slots();
  }

  /** Afterwards. */
  @Arbiter
  public void after(JJJ_Result result) {
    result.r3 = counters.slots();
  }
}
