package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vts settle status}: how far settlement has come, and its alarms. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Show how far settlement of a running server has come, its account and its alarms.",
      "Ends with 75 while an alarm is up."
    })
final class SettleStatusCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  SettleStatusCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    JsonNode status = SettleClient.get(server, "/v1/status").path("settlement");
    if (json.json) {
      console.print(status.toPrettyString());
    } else {
      show(status);
    }
    return (status.path("alarms").isEmpty() ? ExitCode.OK : ExitCode.TRY_AGAIN).number();
  }

  private void show(JsonNode status) {
    JsonNode totals = status.path("totals");
    JsonNode account = totals.path("account");
    line(
        "chain",
        "%s: %s",
        status.path("chainCode").asText(),
        status.path("chainCondition").asText());
    line("last", "%s", status.path("condition").asText());
    line(
        "claims",
        "%,d wait (%,d held), %,d on their way, %,d in blocks, %,d settled",
        status.path("waiting").asLong(),
        status.path("held").asLong(),
        totals.path("inFlight").asLong(),
        totals.path("confirmed").asLong(),
        totals.path("settled").asLong());
    line(
        "others",
        "%,d paid by others, %,d lost, %,d with a double-spent funding, %,d without funding now",
        totals.path("paidElsewhere").asLong(),
        totals.path("lost").asLong(),
        totals.path("fundingLost").asLong(),
        totals.path("unfunded").asLong());
    line(
        "in",
        "%,d sat from escrows, %,d sat from the fee wallet",
        account.path("escrows").asLong(),
        account.path("wallet").asLong());
    line(
        "out",
        "%,d sat to merchants, %,d sat change, %,d sat to miners; %,d sat for splits",
        account.path("payouts").asLong(),
        account.path("change").asLong(),
        account.path("fees").asLong(),
        totals.path("splitFees").asLong());
    line("wallet", "%,d sat confirmed", status.path("walletBalance").asLong());
    double rate = status.path("feeRateOverride").asDouble();
    line(
        "operator",
        "%s, fee rate %s",
        status.path("paused").asBoolean() ? "paused" : "not paused",
        rate > 0 ? "fixed at %.3f sat/vB".formatted(rate) : "by estimate");
    for (Map.Entry<String, JsonNode> alarm : status.path("alarms").properties()) {
      line("ALARM", "%s: %s", alarm.getKey(), alarm.getValue().asText());
    }
  }

  private void line(String name, String text, Object... values) {
    console.print("%-9s %s".formatted(name, text.formatted(values)));
  }
}
