package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.affinity.CpuTopology;
import org.micropay.vts.affinity.Pinning;
import org.micropay.vts.appliance.demo.DemoProgress;
import org.micropay.vts.experiments.LoadException;
import org.micropay.vts.experiments.Paper;
import org.micropay.vts.experiments.PaperOptions;
import org.micropay.vts.experiments.PaperProgress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vts paper}: the paper's experiments, ours beside its figures. */
@Command(
    name = "paper",
    mixinStandardHelpOptions = true,
    description = {
      "Repeat the experiments of Pass and shelat (CCS 2015), section 4, and write a report:",
      "DIR/paper.html, one page that needs nothing else, and DIR/paper.json with all figures.",
      "Takes about a quarter of an hour on an idle machine; --quick takes seconds, and its",
      "figures scatter."
    })
final class PaperCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private KernelOption kernel;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      required = true,
      description = "Where the report goes; made when it is not there.")
  private Path out;

  @Option(names = "--quick", description = "Few calls, requests and samples.")
  private boolean quick;

  PaperCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    PaperOptions options = quick ? PaperOptions.quick() : PaperOptions.full();
    String command =
        "vts paper --out %s%s --kernel %s".formatted(out, quick ? " --quick" : "", kernel.name);
    try {
      Map<String, Object> summary =
          new Paper(options, kernel.select(), new OneForTheServer(), new Steps(), command).run(out);
      if (json.json) {
        console.printJson(summary);
      } else {
        summary.forEach((name, value) -> console.print("%-40s %s".formatted(name, shown(value))));
      }
      console.note("vts: report in " + out.resolve("paper.html"));
      return ExitCode.OK.number();
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "CANNOT_CREATE", out + ": " + e.getMessage());
    } catch (LoadException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "EXPERIMENT", e.getMessage());
    }
  }

  private static String shown(Object value) {
    if (!(value instanceof Map<?, ?> row)) {
      return String.valueOf(value);
    }
    return "%s us, the paper %s, %s times faster"
        .formatted(row.get("us"), row.get("paper_us"), row.get("times_faster"));
  }

  /** The last usable core for the web server, the others for the rest. */
  private static final class OneForTheServer implements Paper.Cores {
    private final List<Integer> usable = new ArrayList<>(CpuTopology.read().usable());

    @Override
    public int server() {
      return usable.size() > 1 ? usable.getLast() : -1;
    }

    @Override
    public void keepOff() {
      if (usable.size() > 1) {
        Pinning.setCurrentThread(usable.subList(0, usable.size() - 1));
      }
    }

    @Override
    public void release() {
      Pinning.setCurrentThread(usable);
    }
  }

  /** The experiments' progress as the console shows it. */
  private final class Steps implements PaperProgress {
    private DemoProgress.Step step;

    @Override
    public void begin(String name, int units) {
      step = console.progress().begin(name, units);
    }

    @Override
    public void advance(int units) {
      step.advance(units);
    }

    @Override
    public void done(String result) {
      step.done(result);
    }
  }
}
