package org.micropay.vts.appliance.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.micropay.vts.appliance.cli.Console;
import org.micropay.vts.appliance.cli.ExitCode;
import org.micropay.vts.appliance.cli.Vts;
import org.micropay.vts.settlement.Account;
import org.micropay.vts.settlement.BookTransaction;
import org.micropay.vts.settlement.Books;
import org.micropay.vts.settlement.Scenario;

/** {@code vts demo --scenario}; settlement's own tests play all of them on both chains. */
class ScenarioDemoTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Run(int exit, String out, String err) {}

  private static Run run(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit = Vts.execute(new Console(print(out), print(err)), words);
    return new Run(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  @Test
  void shouldListEveryScenario() throws IOException {
    Run plain = run("demo", "--scenario", "list");
    assertEquals(ExitCode.OK.number(), plain.exit(), plain.err());
    JsonNode list = JSON.readTree(run("demo", "--scenario", "list", "--json").out());
    assertEquals(Scenario.all().size(), list.size());
    for (Scenario scenario : Scenario.all()) {
      assertTrue(plain.out().contains(scenario.name() + "\n    " + scenario.story()), plain.out());
      assertTrue(scenario.name().length() <= 22, "fits the table: " + scenario.name());
    }
  }

  @Test
  void shouldNameTheKnownScenariosWhenOneIsUnknown() throws IOException {
    Run plain = run("demo", "--scenario", "earthquake");
    assertEquals(ExitCode.USAGE.number(), plain.exit());
    assertEquals("", plain.out());
    assertEquals(1, plain.err().lines().count(), plain.err());
    assertTrue(plain.err().startsWith("vts: --scenario earthquake is unknown; one of: all, list,"));
    Scenario.all().forEach(one -> assertTrue(plain.err().contains(one.name()), one.name()));
    JsonNode json = JSON.readTree(run("demo", "--scenario", "earthquake", "--json").out());
    assertEquals("USAGE", json.path("error").path("code").asText());
    assertEquals(
        ExitCode.USAGE.number(), run("demo", "--scenario", "all", "--winners", "9").exit());
  }

  @Test
  void shouldPlayOneAndAccountForIt() throws IOException {
    Run run = run("demo", "--scenario", "refund-race", "--json");
    assertEquals(ExitCode.OK.number(), run.exit(), run.err() + run.out());
    JsonNode report = JSON.readTree(run.out());
    assertTrue(report.path("holds").asBoolean());
    assertEquals(1, report.path("scenarios").size());
    JsonNode played = report.path("scenarios").get(0);
    assertEquals("refund-race", played.path("name").asText());
    assertEquals("", played.path("failure").asText());
    assertEquals(4, played.path("steps").size());
    assertEquals(3, played.path("grants").path("granted").asInt());
    assertEquals(2, played.path("grants").path("paid").asInt());
    assertEquals(1, played.path("grants").path("lost").asInt());
    assertTrue(played.path("events").path("dropped").asInt() >= 1, run.out());
    JsonNode satoshi = played.path("satoshi");
    assertEquals(
        satoshi.path("in").asLong(), satoshi.path("out").asLong() + satoshi.path("fees").asLong());
    assertTrue(satoshi.path("fees").asLong() > 0);
    long sum = 0;
    for (JsonNode balance : played.path("accounts")) {
      sum += balance.asLong();
    }
    assertEquals(0, sum);
    assertEquals(2 * 99_800, played.path("accounts").path("payouts").asLong());
    assertTrue(run.err().contains("1/1 refund-race"), run.err());
  }

  private static Scenario.Outcome outcome(String name, Optional<String> failure) {
    return new Scenario.Outcome(
        name,
        "a story",
        List.of("a step"),
        1_000,
        1_000,
        1,
        1,
        1,
        new Scenario.Events(20, 11, 12, 6, 1, 12, 12),
        Account.ZERO,
        0,
        failure.isPresent() ? Optional.empty() : Optional.of(books(List.of())),
        failure);
  }

  private static Books books(List<Books.Difference> differences) {
    List<BookTransaction> none = List.of();
    return new Books(1, 2, 2, none, new Books.Grants(0, 0, 0, 0, 0), differences);
  }

  @Test
  void shouldFailAsAWholeWhenOneFails() {
    Map<Scenario.Outcome, Double> outcomes = new LinkedHashMap<>();
    outcomes.put(outcome("good", Optional.empty()), 1.0);
    assertTrue(ScenarioReport.of("embedded chain", 1, outcomes).holds());
    outcomes.put(outcome("bad", Optional.of("grant 3 was paid 2 times")), 1.0);
    ScenarioReport report = ScenarioReport.of("embedded chain", 2, outcomes);
    assertFalse(report.holds());
    String table = ScenarioTable.of(report);
    assertTrue(table.contains("FAILED: grant 3 was paid 2 times"), table);
    assertTrue(table.endsWith("1 of 2 scenarios FAILED."), table);
    assertFalse(ScenarioReport.of("embedded chain", 0, Map.of()).holds(), "nothing shows nothing");
  }

  /** Everything happened, in numbers as wide as any run's, and one fails with a long reason. */
  @Test
  void shouldFitIntoEightyColumns() {
    Map<Scenario.Outcome, Double> outcomes = new LinkedHashMap<>();
    for (Scenario scenario : Scenario.all()) {
      outcomes.put(outcome(scenario.name(), Optional.empty()), 12.3);
    }
    assertFits(ScenarioTable.of(ScenarioReport.of("bitcoind on regtest", 9_999.9, outcomes)));
    String reason = "the chain said " + "0123456789abcdef".repeat(8) + " and then again ";
    outcomes.put(outcome("bad", Optional.of(reason.repeat(3))), 1.0);
    String table = ScenarioTable.of(ScenarioReport.of("bitcoind on regtest", 9_999.9, outcomes));
    assertFits(table);
    String shown =
        table
            .lines()
            .dropWhile(line -> !line.startsWith("  FAILED: "))
            .takeWhile(line -> line.startsWith("  "))
            .collect(Collectors.joining());
    assertEquals("FAILED:" + reason.repeat(3).replace(" ", ""), shown.replace(" ", ""));
  }

  private static void assertFits(String table) {
    for (String line : table.split("\n")) {
      assertTrue(line.length() <= 80, () -> line.length() + " columns: " + line);
      assertEquals(line.stripTrailing(), line);
    }
  }
}
