package org.micropay.vts.pipeline;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Two workers take runs of four slots and write them; whoever reads what the group calls finished
 * finds every slot of it written, by whichever worker, and no slot is taken twice.
 */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "everything finished was written")
@Outcome(expect = Expect.FORBIDDEN, desc = "a slot was passed on before it was written")
@State
public class WorkerGroupStress {
  private static final int SLOTS = 8;

  private final WorkerGroup group = new WorkerGroup(2);
  private final int[] written = new int[SLOTS];

  /** Takes runs of two or three slots until none is left; keeps the last of a run in hand. */
  private void work(int member, int run) {
    long from;
    while ((from = group.taken()) < SLOTS - 1) {
      long to = Math.min(SLOTS - 1, from + run);
      if (group.tryTake(member, from, to)) {
        for (long at = from + 1; at < to; at++) {
          written[(int) at]++;
        }
        group.holdFrom(member, to);
        written[(int) to]++;
        group.release(member);
      }
    }
  }

  /** The first worker. */
  @Actor
  public void one() {
    work(0, 2);
  }

  /** The second worker. */
  @Actor
  public void two() {
    work(1, 3);
  }

  /** A stage behind them: counts slots that are not as they were when they were finished. */
  @Actor
  public void behind(I_Result result) {
    long next = 0;
    for (int look = 0; look < SLOTS; look++) {
      long finished = group.finished().get();
      for (; next <= finished; next++) {
        result.r1 += written[(int) next] == 1 ? 0 : 1;
      }
    }
  }
}
