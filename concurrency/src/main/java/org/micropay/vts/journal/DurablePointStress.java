package org.micropay.vts.journal;

import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A position and its chain hash, handed over by a sequence lock: never one of each. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "the point before")
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "the point after")
@Outcome(id = "3, 3", expect = Expect.ACCEPTABLE, desc = "the point after that")
@Outcome(expect = Expect.FORBIDDEN, desc = "torn")
@State
public class DurablePointStress {
  private final DurablePoint point = new DurablePoint();
  private final byte[] second = chain(2);
  private final byte[] third = chain(3);

  /** Position 1 with a chain hash of ones. */
  public DurablePointStress() {
    point.set(1, chain(1), 0);
  }

  private static byte[] chain(int value) {
    byte[] chain = new byte[32];
    Arrays.fill(chain, (byte) value);
    return chain;
  }

  /** The journal's thread. */
  @Actor
  public void writer() {
    point.set(2, second, 0);
    point.set(3, third, 0);
  }

  /** Any thread. */
  @Actor
  public void reader(II_Result result) {
    JournalPoint seen = point.get();
    byte[] chain = seen.chain();
    result.r1 = (int) seen.position();
    result.r2 = Arrays.equals(chain, chain(chain[0])) ? chain[0] : -1;
  }
}
