package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.micropay.vts.appliance.demo.Demo;
import org.micropay.vts.appliance.demo.DemoException;
import org.micropay.vts.appliance.demo.DemoOptions;
import org.micropay.vts.appliance.demo.DemoReport;
import org.micropay.vts.appliance.demo.DemoTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
      "left behind."
    })
final class DemoCommand implements Callable<Integer> {
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

  DemoCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
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
