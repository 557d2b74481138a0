package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.micropay.vts.appliance.demo.DemoProgress;
import org.micropay.vts.simulation.Parts;
import org.micropay.vts.simulation.Simulation;
import org.micropay.vts.simulation.SimulationFailure;
import org.micropay.vts.simulation.SimulationOptions;
import org.micropay.vts.simulation.SimulationReport;
import org.micropay.vts.simulation.SweepRange;
import org.micropay.vts.simulation.Torture;
import org.micropay.vts.simulation.TortureProgress;
import org.micropay.vts.simulation.TortureReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vts torture}: crash safety under attack, for as long as one likes. */
@Command(
    name = "torture",
    mixinStandardHelpOptions = true,
    description = {
      "Attack the crash safety of this build: processes killed with SIGKILL under load,",
      "images of a journal after power losses, single bits turned, system calls that",
      "fail, and simulated histories from a seed. Every answer that was given is looked",
      "for in what is left. Everything that was found is counted and shown with the command",
      "that repeats it. Touches nothing but a temporary folder.",
      "Exit status: 0 when everything held, 1 with findings."
    })
final class TortureCommand implements Callable<Integer> {
  private static final int DEFAULT_CLAIMS = 1_000;

  private final Console console;
  private final Parts parts;
  @Mixin private JsonOption json;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "Do a little of everything in turn for so long, 1 to 10000.")
  private Integer minutes;

  @Option(names = "--kills", paramLabel = "N", description = "Kill a real process N times.")
  private long kills;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "Recover a real journal from N images of a power loss.")
  private long images;

  @Option(
      names = "--flips",
      paramLabel = "N",
      description = "Turn N bits of a real journal, one at a time.")
  private long flips;

  @Option(
      names = "--claims",
      paramLabel = "N",
      description = "Simulate N claims, a thousand in each history.")
  private long claims;

  @Option(
      names = "--sweep",
      arity = "0..1",
      fallbackValue = "all",
      paramLabel = "FROM-TO",
      description = {
        "Make each system call of a small run fail once, in each way (needs strace);",
        "=FROM-TO takes these points of the sweep only, counted from 1."
      })
  private String sweep;

  @Option(
      names = "--simulate",
      description = "Play one simulated history of --claims claims (default 1000) and show it.")
  private boolean simulate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Where everything drawn begins (default: drawn and shown).")
  private Long seed;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Put the temporary folder here, on the file system to test (default: /tmp).")
  private Path folder = Path.of(System.getProperty("java.io.tmpdir"));

  TortureCommand(Console console) {
    this(console, Parts.PRODUCTION);
  }

  /** With parts that a test has broken. */
  TortureCommand(Console console, Parts parts) {
    this.console = console;
    this.parts = parts;
  }

  @Override
  public Integer call() {
    check();
    long from = seed == null ? ThreadLocalRandom.current().nextInt(1, 1_000_000) : seed;
    return (simulate ? history(from) : torture(from)).number();
  }

  private void check() {
    if (kills < 0 || images < 0 || flips < 0 || claims < 0) {
      throw usage("a number of attacks is negative");
    }
    if (simulate && claims > Integer.MAX_VALUE) {
      throw usage("--claims " + claims + " is more than one history can have, 2147483647");
    }
    FileTrouble.requireFolder("--dir", folder);
    boolean counted = kills + images + flips + claims > 0 || sweep != null || simulate;
    if (minutes == null && !counted) {
      throw usage("nothing to do; name --minutes, or how much of what");
    }
    if (minutes != null && (counted || minutes < 1 || minutes > 10_000)) {
      throw usage("--minutes " + minutes + " is not within 1..10000, or not alone");
    }
    if (sweep != null && !sweepRange().isEmpty() && !Torture.canTrace()) {
      throw new CommandException(
          ExitCode.UNAVAILABLE,
          "STRACE",
          "--sweep: cannot trace a process with '"
              + Torture.tracer()
              + "'; install strace or name one with VTS_JAVA_OPTS=-Dvts.strace=PATH");
    }
  }

  private static CommandException usage(String text) {
    return new CommandException(ExitCode.USAGE, "USAGE", text);
  }

  private ExitCode history(long from) {
    int count = claims == 0 ? DEFAULT_CLAIMS : Math.toIntExact(claims);
    try (Simulation simulation = new Simulation(SimulationOptions.of(from, count), parts)) {
      try {
        SimulationReport report = simulation.run();
        simulation.trace().forEach(console::note);
        if (json.json) {
          console.printJson(report);
        } else {
          TortureTable.history(from, report).forEach(console::print);
        }
        return ExitCode.OK;
      } catch (SimulationFailure e) {
        e.trace().forEach(console::note);
        throw new CommandException(
            ExitCode.NEGATIVE,
            e.checker(),
            "%s; repeat it with vts torture --simulate --seed %d --claims %d"
                .formatted(e.getMessage(), from, count));
      }
    }
  }

  private ExitCode torture(long from) {
    Torture.Options options =
        new Torture.Options(
            from, kills, images, flips, claims, sweep == null ? SweepRange.NONE : sweepRange());
    console.note("seed " + from);
    try (Torture torture = new Torture(options, parts, folder, progress())) {
      TortureReport report = minutes == null ? torture.run() : torture.run(minutes);
      if (json.json) {
        console.printJson(report);
      } else {
        TortureTable.lines(report).forEach(console::print);
      }
      report
          .findings()
          .forEach(
              one ->
                  console.note(
                      "%s: %s%n  %s".formatted(one.attack(), one.message(), one.replay())));
      return report.clean() ? ExitCode.OK : ExitCode.NEGATIVE;
    }
  }

  private SweepRange sweepRange() {
    try {
      return SweepRange.parse(sweep);
    } catch (IllegalArgumentException e) {
      throw usage("--sweep " + e.getMessage());
    }
  }

  private TortureProgress progress() {
    DemoProgress shown = console.progress();
    return (name, total) -> {
      DemoProgress.Step step = shown.begin(name, total);
      return new TortureProgress.Step() {
        @Override
        public void advance(long count) {
          step.advance(count);
        }

        @Override
        public void done(String result) {
          step.done(result);
        }
      };
    };
  }
}
