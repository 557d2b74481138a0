package org.micropay.vts.appliance.http;

import io.vertx.core.http.HttpMethod;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.micropay.vts.settlement.ChainException;
import org.micropay.vts.settlement.FeeRate;
import org.micropay.vts.settlement.OperatorSettings;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ProtocolException;

/**
 * The operator's hand on settlement. From this machine alone: the peer is a loopback address, the
 * host that the request names is this one (so that no web page reaches it by a name of its own), no
 * proxy forwarded it, and a change names its content type, which a page cannot do unasked.
 */
final class OperatorRoutes {
  private static final double MAX_RATE = 1_000_000;
  private static final double SAT_PER_KVB = 1_000;

  private final SettlementControl settlement;

  OperatorRoutes(SettlementControl settlement) {
    this.settlement = settlement;
  }

  void addTo(Router router) {
    router
        .on(HttpMethod.GET, "/v1/settlement/plan", (exchange, none) -> plan(exchange))
        .on(
            HttpMethod.POST,
            "/v1/settlement/run",
            (exchange, none) ->
                change(
                    exchange,
                    body -> {
                      settlement.run();
                      return settlement.change(settings -> settings);
                    }))
        .on(
            HttpMethod.POST,
            "/v1/settlement/pause",
            (exchange, none) ->
                change(exchange, body -> settlement.change(s -> s.withPaused(true))))
        .on(
            HttpMethod.POST,
            "/v1/settlement/resume",
            (exchange, none) ->
                change(exchange, body -> settlement.change(s -> s.withPaused(false))))
        .on(HttpMethod.POST, "/v1/settlement/fee", (exchange, none) -> change(exchange, this::fee));
  }

  private void plan(HttpExchange exchange) {
    if (OperatorAccess.isAllowed(exchange)) {
      answer(exchange, settlement.plan());
    }
  }

  private CompletableFuture<OperatorSettings> fee(byte[] body) {
    double rate = HttpJson.read(body, SettlementSettings.FeeRequest.class).satPerVbyte();
    if (!(rate >= 0 && rate <= MAX_RATE)) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, "satPerVbyte " + rate + " is not within 0.." + (long) MAX_RATE);
    }
    long satPerKvb = Math.round(rate * SAT_PER_KVB);
    Optional<FeeRate> fixed =
        satPerKvb == 0 ? Optional.empty() : Optional.of(new FeeRate(satPerKvb));
    return settlement.change(settings -> settings.withFeeRate(fixed));
  }

  private void change(
      HttpExchange exchange, Function<byte[], CompletableFuture<OperatorSettings>> work) {
    if (!OperatorAccess.isAllowed(exchange)) {
      return;
    }
    if (exchange.mediaType().isEmpty()) {
      exchange.problem(
          Problem.of(
              AnswerCode.UNSUPPORTED_MESSAGE, 415, "name the content type application/json", null));
      return;
    }
    exchange.body(body -> answer(exchange, work.apply(body).thenApply(SettlementSettings::of)));
  }

  private static void answer(HttpExchange exchange, CompletableFuture<?> result) {
    result.whenComplete(
        (value, failure) ->
            exchange.later(
                () -> {
                  if (failure == null) {
                    exchange.json(200, value);
                  } else {
                    exchange.problem(failed(failure));
                  }
                }));
  }

  private static Problem failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof ChainException) {
      return Problem.retry(AnswerCode.CHAIN_STALE, cause.getMessage(), 1_000);
    }
    throw new IllegalStateException("settlement does not answer", cause);
  }
}
