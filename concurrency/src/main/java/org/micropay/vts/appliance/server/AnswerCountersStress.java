package org.micropay.vts.appliance.server;

import org.micropay.vts.ticket.AnswerCode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * Two connections count the same answers, often enough to meet: no count is lost.
 *
 * <p>Catches a plain array, and a read and a write of the atomic one in the place of its increment.
 */
@JCStressTest
@Outcome(id = "2000, 2000", expect = Expect.ACCEPTABLE, desc = "all counted")
@Outcome(expect = Expect.FORBIDDEN, desc = "a count was lost")
@State
public class AnswerCountersStress {
  private static final int EACH = 1_000;

  // Two answers in turn, which no compiler adds up to one addition.
  private static final AnswerCode[] ANSWERS = {AnswerCode.GRANTED, AnswerCode.DOUBLE_SPEND};

  private final AnswerCounters counters = new AnswerCounters();

  private void count() {
    for (int i = 0; i < EACH; i++) {
      for (AnswerCode answer : ANSWERS) {
        counters.count(answer.number());
      }
    }
  }

  /** One connection's thread. */
  @Actor
  public void one() {
    count();
  }

  /** Another's. */
  @Actor
  public void two() {
    count();
  }

  /** Afterwards. */
  @Arbiter
  public void after(JJ_Result result) {
    result.r1 = counters.of(AnswerCode.GRANTED);
    result.r2 = counters.of(AnswerCode.DOUBLE_SPEND);
  }
}
