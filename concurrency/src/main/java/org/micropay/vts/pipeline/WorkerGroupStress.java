package org.micropay.vts.pipeline;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Two workers take runs of slots and write them; the second also reads, as a stage behind them
 * would: every slot of what the group calls finished was written once, by whichever worker. Two
 * actors, so that two cores are enough.
 */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "everything finished was written")
@Outcome(expect = Expect.FORBIDDEN, desc = "a slot was passed on before it was written")
@State
public class WorkerGroupStress {
  private static final int SLOTS = 8;
  private static final int LOOKS = 16;

  private final WorkerGroup group = new WorkerGroup(2);
  private final int[] written = new int[SLOTS];

  /** Takes the next run and writes it, the last slot a little later; false when none is left. */
  private boolean work(int member, int run) {
    long from = group.taken();
    if (from >= SLOTS - 1) {
      return false;
    }
    long to = Math.min(SLOTS - 1, from + run);
    if (group.tryTake(member, from, to)) {
      for (long at = from + 1; at < to; at++) {
        written[(int) at]++;
      }
      group.holdFrom(member, to);
      written[(int) to]++;
      group.release(member);
    }
    return true;
  }

  /** The first worker, until nothing is left. */
  @Actor
  public void one() {
    while (work(0, 2)) {
      Thread.onSpinWait();
    }
  }

  /** The second worker takes a run now and then, and counts what is finished but not written. */
  @Actor
  public void two(I_Result result) {
    long next = 0;
    for (int look = 0; look < LOOKS; look++) {
      long finished = group.finished().get();
      for (; next <= finished; next++) {
        result.r1 += written[(int) next] == 1 ? 0 : 1;
      }
      if (look % 4 == 0) {
        work(1, 1);
      }
    }
  }
}
