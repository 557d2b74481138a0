package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A probe beside a removal that moves the very cell it looks for: what stays is found, or the probe
 * knows that it was disturbed.
 */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "found")
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "not found, and disturbed: asked again")
@Outcome(id = "0", expect = Expect.FORBIDDEN, desc = "not found, and believed")
@State
public class HashIndexStress {
  private static final int FINGERPRINT = 12_345;
  private static final int PASSING = 0;
  private static final int STAYING = 1;

  private final HashIndex index = new HashIndex(Arena.ofAuto(), 8);

  /** Two entries with one fingerprint, in neighbouring cells. */
  public HashIndexStress() {
    index.insert(FINGERPRINT, PASSING);
    index.insert(FINGERPRINT, STAYING);
  }

  /** The ledger's thread. */
  @Actor
  public void writer() {
    index.remove(FINGERPRINT, PASSING);
    index.insert(FINGERPRINT, PASSING);
  }

  /** Any thread. */
  @Actor
  public void reader(I_Result result) {
    int version = index.version();
    for (int cell = index.first(FINGERPRINT);
        cell != HashIndex.NONE;
        cell = index.next(FINGERPRINT, cell)) {
      if (index.slot(cell) == STAYING) {
        result.r1 = 1;
        return;
      }
    }
    result.r1 = index.unchanged(version) ? 0 : 2;
  }
}
