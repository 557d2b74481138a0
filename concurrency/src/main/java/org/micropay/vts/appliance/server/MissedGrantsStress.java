package org.micropay.vts.appliance.server;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The one moment at which a grant can be lost, many times over: settlement has read the journal to
 * its end and opens the feed again, while the reply stage, which has just made another grant
 * durable, looks whether the feed is open. Either the stage finds it open and feeds, or settlement
 * finds the new end and reads on.
 *
 * <p>Catches {@code from} as a plain field or with release and acquire only (the store waits in its
 * core's buffer while the end is read), and an end that is read before the feed is opened.
 */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "each grant was fed or read")
@Outcome(expect = Expect.FORBIDDEN, desc = "that many grants would never be settled")
@State
public class MissedGrantsStress {
  private static final int ROUNDS = 64;
  private static final long FIRST = 1;
  private static final long SECOND = 2;

  private final Round[] rounds = new Round[ROUNDS];

  /** Grants as journal and feed stand when the first one was left out and has been read. */
  private static final class Round {
    private final MissedGrants missed = new MissedGrants();
    private volatile long durable = FIRST;
    private boolean fed;

    Round() {
      missed.open(FIRST);
      missed.passed(missed.next());
    }

    boolean isLost() {
      boolean isRead = missed.isPending() && missed.next() == SECOND;
      return !fed && !isRead;
    }
  }

  /** Rounds that nobody has played yet. */
  public MissedGrantsStress() {
    for (int i = 0; i < ROUNDS; i++) {
      rounds[i] = new Round();
    }
  }

  /** The reply stage, which a grant reaches when it is durable. */
  @Actor
  public void reply() {
    for (Round round : rounds) {
      round.durable = SECOND;
      round.fed = !round.missed.isOpen();
    }
  }

  /** The settlement thread, at the end of what it has read. */
  @Actor
  public void settlement() {
    for (Round round : rounds) {
      round.missed.settle(FIRST, () -> round.durable);
    }
  }

  /** Afterwards. */
  @Arbiter
  public void after(I_Result result) {
    for (Round round : rounds) {
      result.r1 += round.isLost() ? 1 : 0;
    }
  }
}
