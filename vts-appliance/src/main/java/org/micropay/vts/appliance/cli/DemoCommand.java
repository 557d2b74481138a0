package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.micropay.vts.appliance.demo.Demo;
import org.micropay.vts.appliance.demo.DemoException;
import org.micropay.vts.appliance.demo.DemoOptions;
import org.micropay.vts.appliance.demo.DemoReport;
import org.micropay.vts.appliance.demo.DemoTable;
import org.micropay.vts.appliance.demo.ScenarioDemo;
import org.micropay.vts.appliance.demo.ScenarioReport;
import org.micropay.vts.appliance.demo.ScenarioTable;
import org.micropay.vts.settlement.Scenario;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vts demo}: everything at once, on coins that are worth nothing. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Play the whole life of payments with a real server process over loopback:",
      "escrows are funded and registered, tickets paid and checked, winners claimed.",
      "Some buyers spend twice, some claims are forged or stale, and the server is",
      "killed once with SIGKILL. Then all is settled in batches, and an account from",
      "the chain must agree to the satoshi: exit code 1 when it does not. Nothing is",
      "left behind.",
      "With --scenario, play what goes wrong around settlement instead: reorganizations,",
      "conflicts, kills, penalties, each with its own account."
    })
final class DemoCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final String LIST = "list";

  private final Console console;
  @Mixin private JsonOption json;

  @Option(
      names = "--chain",
      paramLabel = "KIND",
      defaultValue = "embedded",
      description = "embedded (needs nothing) or bitcoind (a private real node on regtest).")
  private DemoOptions.ChainKind chain;

  @Option(
      names = "--winners",
      paramLabel = "N",
      defaultValue = "400",
      description = "Escrows that are won, 5..5000 (default: ${DEFAULT-VALUE}).")
  private int winners;

  @Option(
      names = "--odds",
      paramLabel = "N",
      defaultValue = "32",
      description = "A ticket wins with probability 1/N, 2..1000 (default: ${DEFAULT-VALUE}).")
  private int odds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Who cheats, and in which order claims go out (default: drawn and shown).")
  private Long seed;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description = "Leave configuration, journal, chain and logs in this new folder.")
  private Path keep;

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      description = "A settlement scenario by name, all of them (all), or their names (list).")
  private String scenario;

  @Spec private CommandSpec spec;

  DemoCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    return scenario == null ? playPayments() : playScenarios();
  }

  private Integer playScenarios() {
    for (String other : List.of("--winners", "--odds", "--seed", "--keep")) {
      if (spec.commandLine().getParseResult().hasMatchedOption(other)) {
        throw new CommandException(
            ExitCode.USAGE, "USAGE", other + " has no meaning with --scenario; leave it out");
      }
    }
    if (scenario.equals(LIST)) {
      if (json.json) {
        console.printJson(
            Scenario.all().stream()
                .map(one -> Map.of("name", one.name(), "story", one.story()))
                .toList());
      } else {
        console.print(ScenarioTable.list(Scenario.all()));
      }
      return ExitCode.OK.number();
    }
    ScenarioReport report;
    try {
      report = ScenarioDemo.run(chain, chosen(), console.progress());
    } catch (DemoException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "DEMO", e.getMessage());
    }
    if (json.json) {
      console.printJson(report);
    } else {
      console.note("");
      console.print(ScenarioTable.of(report));
    }
    return (report.holds() ? ExitCode.OK : ExitCode.NEGATIVE).number();
  }

  private List<Scenario> chosen() {
    if (scenario.equals(ALL)) {
      return Scenario.all();
    }
    return Scenario.named(scenario)
        .map(List::of)
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.USAGE,
                    "USAGE",
                    "--scenario %s is unknown; one of: %s, %s, %s"
                        .formatted(
                            scenario,
                            ALL,
                            LIST,
                            String.join(
                                ", ", Scenario.all().stream().map(Scenario::name).toList()))));
  }

  private Integer playPayments() {
    DemoOptions options;
    try {
      options =
          new DemoOptions(
              chain,
              winners,
              odds,
              seed == null ? ThreadLocalRandom.current().nextInt(1, 1_000_000) : seed,
              Optional.ofNullable(keep));
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", e.getMessage());
    }
    DemoReport report;
    try {
      report = Demo.run(options, console.progress());
    } catch (DemoException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "DEMO", e.getMessage());
    }
    if (json.json) {
      console.printJson(report);
    } else {
      console.note("");
      console.print(DemoTable.of(report));
    }
    if (report.agrees()) {
      return ExitCode.OK.number();
    }
    console.note("vts: " + report.differences().getFirst());
    return ExitCode.NEGATIVE.number();
  }
}
