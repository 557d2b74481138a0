package org.micropay.vts.ledger;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The view beside a registration: the escrow is unknown or whole, never something else. */
@JCStressTest
@Outcome(id = "20, 0", expect = Expect.ACCEPTABLE, desc = "not known yet")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "known, whole, open")
@Outcome(expect = Expect.FORBIDDEN, desc = "torn")
@State
public class RegisterStress {
  private final StressLedger ledger = new StressLedger();

  /** The ledger's thread. */
  @Actor
  public void writer() {
    ledger.register();
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
