package org.micropay.vts.simulation;

import java.util.HashSet;
import java.util.Set;

/** A delivered request is answered once at most, and every claim once faults have stopped. */
final class EveryClaimAnswered extends Checker {
  private final Set<Long> answered = new HashSet<>();

  @Override
  void onAnswer(Answer answer, long durable) {
    require(answered.add(answer.delivery()), "request %d: %s again", answer.delivery(), answer);
  }

  void checkPatience(long stepsWithoutProgress, long most, String open) {
    require(
        stepsWithoutProgress < most,
        "faults stopped %d steps ago, and these are not answered: %s",
        stepsWithoutProgress,
        open);
  }
}
