package org.micropay.vts.appliance.http;

import io.vertx.core.http.HttpMethod;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.micropay.vts.settlement.FeeRate;
import org.micropay.vts.settlement.OperatorSettings;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ProtocolException;

/** The operator's hand on settlement; {@link OperatorAccess} says from where. */
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
      OperatorAccess.answer(exchange, settlement.plan());
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

  private static void change(
      HttpExchange exchange, Function<byte[], CompletableFuture<OperatorSettings>> work) {
    OperatorAccess.post(exchange, body -> work.apply(body).thenApply(SettlementSettings::of));
  }
}
