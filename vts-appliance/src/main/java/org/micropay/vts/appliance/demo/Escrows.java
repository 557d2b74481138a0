package org.micropay.vts.appliance.demo;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Registration;

/**
 * Registrations and the merchants' questions about escrows, over HTTP. Adds what is not as expected
 * to the demo's differences. One thread directs.
 */
final class Escrows {
  private static final int AT_ONCE = 8;
  private static final int PATIENCE_SECONDS = 60;
  private static final int POLL_MILLIS = 10;

  private final ServerProcess server;
  private final Market market;
  private final List<String> differences;
  private final TreeMap<AnswerCode, Integer> refusals = new TreeMap<>();

  Escrows(ServerProcess server, Market market, List<String> differences) {
    this.server = server;
    this.market = market;
    this.differences = differences;
  }

  /** Registers every escrow of the market. */
  void register(DemoProgress.Step step) {
    try (VtsHttpClient http = server.http()) {
      Parallel.forEach(
          market.escrows(),
          AT_ONCE,
          escrow -> {
            VtsHttpClient.Answer answer = answer(http, escrow.honest().registration());
            if (answer.code() != AnswerCode.REGISTERED) {
              throw new DemoException(
                  "escrow %s was not registered: %s, %s"
                      .formatted(escrow.terms().outpoint(), answer.code(), answer.detail()));
            }
            step.advance(1);
          });
    }
  }

  /** Asks until the answer is one for good. */
  private static VtsHttpClient.Answer answer(VtsHttpClient http, Registration registration) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      VtsHttpClient.Answer answer = http.register(registration);
      if (!answer.code().retryable() || System.nanoTime() > deadline) {
        return answer;
      }
      Pauses.millis(POLL_MILLIS);
    }
  }

  /** Registrations that must be refused, and one repeat that must not. */
  void tryRegistrations(Forger forger) {
    DemoEscrow known = market.escrows().getFirst();
    DemoEscrow fresh = market.unregistered().getFirst();
    try (VtsHttpClient http = server.http()) {
      expect(http, known.honest().registration(), AnswerCode.REGISTERED);
      expect(http, forger.reregistered(known), AnswerCode.OUTPOINT_TAKEN);
      expect(http, forger.squatted(fresh.terms()), AnswerCode.BAD_REGISTRATION_SIGNATURE);
      expect(http, forger.inflated(fresh), AnswerCode.FUNDING_MISMATCH);
    }
  }

  private void expect(VtsHttpClient http, Registration registration, AnswerCode expected) {
    VtsHttpClient.Answer answer = answer(http, registration);
    if (answer.code() != expected) {
      differences.add(
          "a registration was answered %s instead of %s".formatted(answer.code(), expected));
    } else if (expected != AnswerCode.REGISTERED) {
      refusals.merge(expected, 1, Integer::sum);
    }
  }

  /** What merchants ask before they serve: every escrow must be in this state. */
  void expectState(String state) {
    try (VtsHttpClient http = server.http()) {
      Parallel.forEach(
          market.escrows(),
          AT_ONCE,
          escrow -> {
            VtsHttpClient.Answer answer = http.escrow(escrow.terms().digest());
            String told = answer.body().path("state").asText();
            if (!told.equals(state)) {
              synchronized (differences) {
                differences.add(
                    "escrow %s is %s to the server instead of %s"
                        .formatted(escrow.terms().outpoint(), told, state));
              }
            }
          });
    }
  }

  /** Refused registrations by code. */
  Map<String, Integer> refusals() {
    return ClaimBook.named(refusals);
  }
}
