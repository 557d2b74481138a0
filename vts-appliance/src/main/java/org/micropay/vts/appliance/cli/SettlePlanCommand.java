package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vts settle plan}: what would be sent now, in which order, at which fee. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = {
      "Show which batches a running server would send now, in which order and at which fee,",
      "which are on their way, and which claims are held back. Changes nothing."
    })
final class SettlePlanCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  SettlePlanCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    JsonNode plan = SettleClient.get(server, "/v1/settlement/plan");
    if (json.json) {
      console.print(plan.toPrettyString());
    } else {
      show(plan);
    }
    return ExitCode.OK.number();
  }

  private void show(JsonNode plan) {
    double estimate = plan.path("estimateSatPerVbyte").asDouble();
    double override = plan.path("overrideSatPerVbyte").asDouble();
    console.print(
        "tip %,d   %d claims wait   wallet %d free coins, %,d sat%s"
            .formatted(
                plan.path("tipHeight").asInt(),
                plan.path("waiting").asInt(),
                plan.path("walletCoins").asInt(),
                plan.path("walletBalance").asLong(),
                plan.path("paused").asBoolean() ? "   PAUSED" : ""));
    console.print(
        "fee rate %s%s"
            .formatted(
                estimate > 0 ? "%.3f sat/vB by the node".formatted(estimate) : "without estimate",
                override > 0 ? ", overridden: %.3f sat/vB".formatted(override) : ""));
    batches(plan.path("batches"));
    inFlight(plan.path("inFlight"));
    for (Map.Entry<String, JsonNode> held : plan.path("held").properties()) {
      console.print("held %10s  %s".formatted(held.getKey(), held.getValue().asText()));
    }
  }

  private void batches(JsonNode batches) {
    console.print("");
    if (batches.isEmpty()) {
      console.print("nothing waits to be sent");
      return;
    }
    console.print(
        "%5s %7s %9s %7s %9s %10s %10s %10s  %s"
            .formatted(
                "order",
                "claims",
                "deadline",
                "vB",
                "sat/vB",
                "fee sat",
                "escrows'",
                "wallet's",
                "when"));
    for (JsonNode batch : batches) {
      console.print(
          "%5d %7d %9d %,7d %9.3f %,10d %,10d %,10d  %s%s"
              .formatted(
                  batch.path("order").asInt(),
                  batch.path("claims").size(),
                  batch.path("deadline").asInt(),
                  batch.path("vsize").asInt(),
                  batch.path("satPerVbyte").asDouble(),
                  batch.path("fee").asLong(),
                  batch.path("allowances").asLong(),
                  batch.path("fromWallet").asLong(),
                  batch.path("due").asText(),
                  batch.path("payable").asBoolean() ? "" : "; THE WALLET CANNOT PAY IT"));
    }
  }

  private void inFlight(JsonNode batches) {
    if (batches.isEmpty()) {
      return;
    }
    console.print("");
    console.print(
        "%5s %7s %9s %7s %9s %10s %6s %9s  %s"
            .formatted(
                "batch",
                "claims",
                "deadline",
                "vB",
                "sat/vB",
                "fee sat",
                "tries",
                "raised at",
                "on its way"));
    for (JsonNode batch : batches) {
      console.print(
          "%5d %7d %9d %,7d %9.3f %,10d %6d %9d  %s"
              .formatted(
                  batch.path("number").asInt(),
                  batch.path("claims").asInt(),
                  batch.path("deadline").asInt(),
                  batch.path("vsize").asInt(),
                  batch.path("satPerVbyte").asDouble(),
                  batch.path("fee").asLong(),
                  batch.path("attempts").asInt(),
                  batch.path("bumpHeight").asInt(),
                  batch.path("txid").asText()));
    }
  }
}
