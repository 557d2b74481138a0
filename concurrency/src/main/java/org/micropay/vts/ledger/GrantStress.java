package org.micropay.vts.ledger;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The view beside a grant: open or granted to this claim. A position without its claim id would
 * show as a double-spend (2).
 */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "still open")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "granted to this claim")
@Outcome(expect = Expect.FORBIDDEN, desc = "torn")
@State
public class GrantStress {
  private final StressLedger ledger = new StressLedger();

  /** With the escrow registered. */
  public GrantStress() {
    ledger.register();
  }

  /** The ledger's thread. */
  @Actor
  public void writer() {
    ledger.grant();
  }

  /** A verify stage. */
  @Actor
  public void reader(II_Result result) {
    result.r1 = ledger.status();
  }

  /** Afterwards. */
  @Arbiter
  public void after(II_Result result) {
    result.r2 = ledger.status();
    ledger.close();
  }
}
