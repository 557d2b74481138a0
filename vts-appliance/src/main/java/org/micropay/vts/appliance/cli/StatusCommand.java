package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vts status}: a running server at a glance. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Show a running VTS: readiness, chain, ledger, answers, latency, settlement.")
final class StatusCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  StatusCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    JsonNode status;
    try (VtsHttpClient client = server.connect()) {
      VtsHttpClient.Answer answer = client.get("/v1/status");
      if (answer.status() != 200) {
        throw new CommandException(
            ExitCode.UNAVAILABLE, answer.code().name(), server.url + ": " + answer.detail());
      }
      status = answer.body();
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    }
    boolean ready = status.path("ready").path("ready").asBoolean();
    if (json.json) {
      console.print(status.toPrettyString());
    } else {
      show(status, ready);
    }
    return (ready ? ExitCode.OK : ExitCode.TRY_AGAIN).number();
  }

  private void show(JsonNode status, boolean ready) {
    line(
        "server",
        "vts %s on %s, up %s s"
            .formatted(
                status.path("version").asText(),
                status.path("network").asText(),
                status.path("uptimeSeconds").asText()));
    line("ready", ready ? "yes" : "no: " + join(status.path("ready")));
    line("key", status.path("vtsKey").asText());
    line("kernel", status.path("kernel").asText());
    JsonNode chain = status.path("chain");
    line(
        "chain",
        "height %s, %s, seen %s s ago"
            .formatted(
                chain.path("height").asText(),
                chain.path("hash").asText(),
                chain.path("secondsSinceSeen").asText()));
    JsonNode ledger = status.path("ledger");
    line(
        "ledger",
        "%s of %s escrows, %.1f MiB"
            .formatted(
                ledger.path("escrows").asText(),
                ledger.path("capacity").asText(),
                ledger.path("bytes").asDouble() / (1 << 20)));
    JsonNode journal = status.path("journal");
    line(
        "journal",
        "record %s%s"
            .formatted(
                journal.path("durable").asText(),
                journal.path("belowReserve").asBoolean() ? ", BELOW THE DISK RESERVE" : ""));
    log(status.path("log"));
    for (Map.Entry<String, JsonNode> answer : status.path("answers").properties()) {
      line("answers", "%-28s %,d".formatted(answer.getKey(), answer.getValue().asLong()));
    }
    for (Map.Entry<String, JsonNode> at : status.path("latencyMicros").properties()) {
      line("latency", "%-28s %,.0f us".formatted(at.getKey(), at.getValue().asDouble()));
    }
    settlement("", status.path("settlement"));
  }

  private void log(JsonNode log) {
    line("log", log.path("key").asText());
    line(
        "log",
        "%s of %s leaves in the checkpoint, signed %s s ago, cosigned by %s"
            .formatted(
                log.path("size").asText(),
                log.path("leaves").asText(),
                log.path("secondsSinceSigned").asText(),
                log.path("witnesses").isEmpty() ? "nobody" : names(log.path("witnesses"))));
    if (log.hasNonNull("trouble")) {
      line("log", "TROUBLE: " + log.path("trouble").asText());
    }
  }

  private static String names(JsonNode names) {
    StringBuilder text = new StringBuilder();
    names.forEach(n -> text.append(text.isEmpty() ? "" : ", ").append(n.asText()));
    return text.toString();
  }

  private void settlement(String prefix, JsonNode node) {
    for (Map.Entry<String, JsonNode> part : node.properties()) {
      if (part.getValue().isObject()) {
        settlement(prefix + part.getKey() + ".", part.getValue());
      } else {
        line("settlement", "%-28s %s".formatted(prefix + part.getKey(), part.getValue().asText()));
      }
    }
  }

  private static String join(JsonNode ready) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < ready.path("reasons").size(); i++) {
      text.append(text.isEmpty() ? "" : "; ")
          .append(ready.path("codes").path(i).asText())
          .append(", ")
          .append(ready.path("reasons").path(i).asText());
    }
    return text.toString();
  }

  private void line(String name, String text) {
    console.print("%-11s %s".formatted(name, text));
  }
}
