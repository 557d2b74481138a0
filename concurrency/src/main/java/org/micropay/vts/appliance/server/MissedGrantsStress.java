package org.micropay.vts.appliance.server;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A feed with room for some grants only, while settlement catches up with the journal: each grant
 * is fed or read, or both. One that is neither would never be settled.
 */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "each grant was fed or read")
@Outcome(expect = Expect.FORBIDDEN, desc = "that many grants were lost")
@State
public class MissedGrantsStress {
  private static final int GRANTS = 6;
  private static final int RUNS = 6;

  private final MissedGrants missed = new MissedGrants();
  private final boolean[] fed = new boolean[GRANTS + 1];
  private final boolean[] read = new boolean[GRANTS + 1];
  private volatile long durable;

  /** The reply stage, which a grant reaches when it is durable; each third does not fit. */
  @Actor
  public void reply() {
    for (int position = 1; position <= GRANTS; position++) {
      durable = position;
      if (missed.isOpen()) {
        continue;
      }
      if (position % 3 == 1) {
        missed.open(position);
      } else {
        fed[position] = true;
      }
    }
  }

  /** The settlement thread. */
  @Actor
  public void settlement() {
    for (int run = 0; run < RUNS; run++) {
      catchUp();
    }
  }

  private void catchUp() {
    if (missed.isPending()) {
      long end = durable;
      while (missed.next() <= end) {
        read[(int) missed.next()] = true;
        missed.passed(missed.next());
      }
      missed.settle(end, () -> durable);
    }
  }

  /** Afterwards: settlement goes on until it has caught up. */
  @Arbiter
  public void after(I_Result result) {
    settlement();
    result.r1 = missed.isPending() ? GRANTS : 0;
    for (int position = 1; position <= GRANTS; position++) {
      result.r1 += fed[position] || read[position] ? 0 : 1;
    }
  }
}
