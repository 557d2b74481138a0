package org.micropay.vts.appliance.http;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.appliance.server.ReplySink;
import org.micropay.vts.appliance.server.RetryHints;
import org.micropay.vts.pipeline.ClaimIngress;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.ticket.AnswerCode;

/**
 * Claims that came by HTTP: one "connection" on the ring for all of them, each request its own
 * correlation id. Event loops put requests in, the reply stage's thread takes them out.
 */
final class HttpClaims implements ReplySink {
  /** Body of POST /v1/claims. */
  record Request(String claim) {}

  private static final String OCTETS = "application/octet-stream";

  /** What the body may be: JSON, or the claim's canonical bytes. */
  static final Set<String> MEDIA_TYPES = Set.of(HttpExchange.JSON, OCTETS);

  private static final int MAX_WAITING = 8192;

  private final HttpServices services;
  private final ConcurrentHashMap<Long, HttpExchange> waiting = new ConcurrentHashMap<>();
  private final AtomicLong nextCorrelationId = new AtomicLong();
  private final long connectionId;

  HttpClaims(HttpServices services) {
    this.services = services;
    this.connectionId = services.replies().add(this);
    if (connectionId < 0) {
      throw new IllegalStateException("the reply router has no place for the HTTP interface");
    }
  }

  /** Sends one claim through the ring; the answer comes by {@link #onReply}. */
  void submit(HttpExchange exchange, byte[] body) {
    byte[] claim = decode(exchange, body);
    if (waiting.size() >= MAX_WAITING) {
      refuse(exchange, AnswerCode.TOO_MANY_IN_FLIGHT);
      return;
    }
    long correlationId = nextCorrelationId.incrementAndGet();
    waiting.put(correlationId, exchange);
    exchange.request().response().closeHandler(gone -> waiting.remove(correlationId));
    int refusal =
        services
            .gate()
            .tryPublish(
                connectionId,
                correlationId,
                services.clockMillis().getAsLong(),
                System.nanoTime(),
                new UnsafeBuffer(claim),
                0,
                claim.length);
    if (refusal != ClaimIngress.ACCEPTED) {
      waiting.remove(correlationId);
      refuse(exchange, AnswerCode.ofNumber(refusal));
    }
  }

  private static byte[] decode(HttpExchange exchange, byte[] body) {
    return exchange.mediaType().equals(OCTETS)
        ? body
        : HttpJson.base64Url("claim", HttpJson.read(body, Request.class).claim());
  }

  private void refuse(HttpExchange exchange, AnswerCode code) {
    services.answers().count(code.number());
    if (code.retryable()) {
      int retry = services.gate().retryAfterMillis(code);
      exchange.problem(Problem.retry(code, code.text() + "; come back in " + retry + " ms", retry));
    } else {
      exchange.problem(
          Problem.of(code, "a claim has 365 to 377 bytes; see docs/PROTOCOL.md for its layout"));
    }
  }

  @Override
  public void onReply(ClaimSlot slot) {
    HttpExchange exchange = waiting.remove(slot.correlationId());
    if (exchange == null) {
      return;
    }
    AnswerCode code = AnswerCode.ofNumber(slot.code());
    switch (code) {
      case GRANTED -> {
        ClaimAnswer answer = ClaimAnswer.of(slot);
        withProof(answer, whole -> exchange.later(() -> exchange.json(200, whole)));
      }
      case DOUBLE_SPEND -> {
        ClaimAnswer answer = ClaimAnswer.of(slot);
        withProof(
            answer, whole -> exchange.later(() -> exchange.problem(Problem.doubleSpend(whole))));
      }
      default -> {
        int retry = RetryHints.millis(code);
        Problem problem =
            retry > 0 ? Problem.retry(code, code.text(), retry) : Problem.of(code, code.text());
        exchange.later(() -> exchange.problem(problem));
      }
    }
  }

  /**
   * Hands the answer on, with its proof where the log covers it: repeats only, since a new decision
   * is never covered yet. The proof needs the disk, so it is made elsewhere than here, on the reply
   * stage's thread.
   */
  private void withProof(ClaimAnswer answer, Consumer<ClaimAnswer> next) {
    if (!services.log().covers(answer.position())) {
      next.accept(answer);
      return;
    }
    services
        .blocking()
        .execute(
            () ->
                next.accept(
                    services.log().inclusion(answer.position()).map(answer::with).orElse(answer)));
  }

  @Override
  public void flush() {}
}
