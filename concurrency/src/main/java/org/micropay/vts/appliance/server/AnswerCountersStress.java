package org.micropay.vts.appliance.server;

import org.micropay.vts.ticket.AnswerCode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Two connections count the same answer: neither count is lost. */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "both counted")
@Outcome(expect = Expect.FORBIDDEN, desc = "a count was lost")
@State
public class AnswerCountersStress {
  private final AnswerCounters counters = new AnswerCounters();

  /** One connection's thread. */
  @Actor
  public void one() {
    counters.count(AnswerCode.GRANTED.number());
  }

  /** Another's. */
  @Actor
  public void two() {
    counters.count(AnswerCode.GRANTED.number());
  }

  /** Afterwards. */
  @Arbiter
  public void after(J_Result result) {
    result.r1 = counters.of(AnswerCode.GRANTED);
  }
}
