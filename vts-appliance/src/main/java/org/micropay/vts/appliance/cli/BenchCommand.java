package org.micropay.vts.appliance.cli;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.bench.Bench;
import org.micropay.vts.appliance.config.ApplianceConfig;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vts bench}: what a core does, in ratios measured in one run. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measure verification, signing and the full VTS check (two verifications, one",
      "counter-signature, the check of that signature) against libsecp256k1 through JNI and in C,",
      "interleaved in one run, on one core and on each further core."
    })
final class BenchCommand implements Callable<Integer> {
  /** A full block of releases spends nearly as many. */
  private static final int MIN_WATCHED = 8_000;

  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private KernelOption kernel;
  @Mixin private ConfigOption config;

  static final class What {
    @Option(
        names = "--pipeline",
        description = "Measure the whole pipeline in process, with the durable journal.")
    boolean pipeline;

    @Option(names = "--network", description = "Measure over loopback, through the claim stream.")
    boolean network;

    @Option(
        names = "--audit",
        description = "Measure a whole audit against the kernel that only verifies.")
    boolean audit;

    @Option(
        names = "--recovery",
        description = "Measure a restart from the first record, and from a snapshot.")
    boolean recovery;

    @Option(
        names = "--snapshot",
        description = "Measure the pipeline without and with snapshots taken beside it.")
    boolean snapshot;

    @Option(
        names = "--chain",
        description = "Measure look-ups of escrows in the view of the chain, and full blocks.")
    boolean chain;
  }

  @ArgGroup(exclusive = true)
  private What what = new What();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "5",
      description = "About how long each measurement lasts, 1 to 60 (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--escrows",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Of --recovery and --chain (default: ${DEFAULT-VALUE}; 200 and 500 bytes of memory"
              + " each).")
  private int escrows;

  @Option(
      names = "--grants",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Of --recovery, one an escrow at most (default: ${DEFAULT-VALUE}).")
  private int grants;

  BenchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (seconds < 1 || seconds > 60) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--seconds " + seconds + " is not within 1..60");
    }
    checkEscrows();
    ApplianceConfig settings =
        Files.exists(config.path) ? config.read().config() : ApplianceConfig.defaults();
    Bench bench = new Bench(kernel.select(), settings.threads(), seconds, console::note);
    Map<String, Object> result = measure(bench);
    if (json.json) {
      console.printJson(result);
    } else {
      print("", result);
    }
    return ExitCode.OK.number();
  }

  private void checkEscrows() {
    if (what.chain && escrows < MIN_WATCHED) {
      throw new CommandException(
          ExitCode.USAGE,
          "USAGE",
          "--escrows %d with --chain; use at least %d".formatted(escrows, MIN_WATCHED));
    }
    if (escrows < 1 || escrows > 50_000_000 || grants < 0) {
      throw new CommandException(
          ExitCode.USAGE,
          "USAGE",
          "--escrows %d with --grants %d; use 1 to 50000000, and 0 or more"
              .formatted(escrows, grants));
    }
  }

  private Map<String, Object> measure(Bench bench) {
    if (what.chain) {
      return bench.chain(escrows);
    }
    if (what.recovery) {
      return bench.recovery(escrows, grants);
    }
    if (what.snapshot) {
      return bench.snapshot();
    }
    if (what.audit) {
      return bench.audit();
    }
    if (what.pipeline) {
      return bench.pipeline();
    }
    return what.network ? bench.network() : bench.kernels();
  }

  private void print(String indent, Map<String, Object> map) {
    for (Map.Entry<String, Object> entry : map.entrySet()) {
      if (entry.getValue() instanceof Map<?, ?> inner) {
        console.print(indent + entry.getKey());
        Map<String, Object> named = new LinkedHashMap<>();
        inner.forEach((key, value) -> named.put(key.toString(), value));
        if (named.values().stream().noneMatch(Map.class::isInstance)) {
          List<String> cells = new ArrayList<>();
          named.forEach((key, value) -> cells.add(key + " " + value));
          console.print(indent + "  " + String.join("   ", cells));
        } else {
          print(indent + "  ", named);
        }
      } else {
        console.print(indent + "%-16s %s".formatted(entry.getKey(), entry.getValue()));
      }
    }
  }
}
