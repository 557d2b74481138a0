package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vts merchant report}: a running merchant's revenue, and whether its luck is plausible. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Show a running merchant's tickets, wins and revenue, and whether chance explains them.",
      "Exit code 1 when chance explains them less than once in a thousand."
    })
final class MerchantReportCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;

  @Option(
      names = "--revenue",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8403",
      description = "The merchant's revenue address (default: ${DEFAULT-VALUE}).")
  private String url;

  MerchantReportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    JsonNode report = fetch();
    String luck = report.path("luck").asText();
    if (json.json) {
      console.print(report.toPrettyString());
    } else {
      show(report, luck);
    }
    return (luck.startsWith("SUSPICIOUS") ? ExitCode.NEGATIVE : ExitCode.OK).number();
  }

  private JsonNode fetch() {
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      HttpResponse<byte[]> response =
          http.send(
              HttpRequest.newBuilder(HttpUrl.parse("--revenue", url).resolve("/revenue.json"))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      return new ObjectMapper().readTree(response.body());
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", url + " answers no revenue report");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", "interrupted");
    }
  }

  private void show(JsonNode report, String luck) {
    JsonNode s = report.path("merchant").path("statistics");
    JsonNode claims = report.path("merchant").path("claims");
    line("luck", luck.toLowerCase(Locale.ROOT).replace('_', ' '));
    line("tickets", "%,d".formatted(s.path("tickets").asLong()));
    line(
        "won",
        "%,d, expected %.1f, 95%% of merchants have %,d to %,d"
            .formatted(
                s.path("wins").asLong(),
                s.path("expectedWins").asDouble(),
                s.path("winsLow").asLong(),
                s.path("winsHigh").asLong()));
    line(
        "revenue",
        "%,.0f sat, expected %,.0f, 95%% band %,.0f to %,.0f"
            .formatted(
                s.path("wonMsat").asDouble() / 1000,
                s.path("expectedMsat").asDouble() / 1000,
                s.path("lowMsat").asDouble() / 1000,
                s.path("highMsat").asDouble() / 1000));
    line(
        "claims",
        "%,d sat granted, %,d waiting, %,d refused"
            .formatted(
                claims.path("grantedSatoshi").asLong(),
                claims.path("pendingSatoshi").asLong(),
                claims.path("refusedSatoshi").asLong()));
    String problem = report.path("merchant").path("claimProblem").asText();
    if (!problem.isEmpty()) {
      line("problem", problem);
    }
  }

  private void line(String name, String text) {
    console.print("%-9s %s".formatted(name, text));
  }
}
