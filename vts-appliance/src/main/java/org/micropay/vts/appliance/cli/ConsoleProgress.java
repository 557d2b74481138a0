package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.micropay.vts.appliance.demo.DemoProgress;

/**
 * Progress on standard error: one line for each finished step, and where that is a terminal a
 * moving bar for the running one.
 */
final class ConsoleProgress implements DemoProgress {
  private static final int WIDTH = 79;
  private static final int UPDATE_MILLIS = 100;

  private final PrintStream err;
  private final boolean terminal;

  private ConsoleProgress(PrintStream err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  /** Bars only where {@code err} is the process's own standard error and a terminal. */
  static ConsoleProgress on(PrintStream err) {
    return new ConsoleProgress(err, err == System.err && isTerminal());
  }

  /** The JDK tells it of standard output only, which --json leaves to a pipe. */
  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  @Override
  public Step begin(String name, long total) {
    if (terminal && total == 0) {
      draw("%-24s    ...".formatted(name));
    }
    return new Line(name, terminal && total > 0 ? bar(name, total) : null);
  }

  private ProgressBar bar(String name, long total) {
    return new ProgressBarBuilder()
        .setTaskName("%-24s".formatted(name))
        .setInitialMax(total)
        .setStyle(ProgressBarStyle.ASCII)
        .showSpeed()
        .setUpdateIntervalMillis(UPDATE_MILLIS)
        .setMaxRenderedLength(WIDTH)
        // The library's own console asks JLine, which takes SIGINT away from the JVM: no shutdown
        // hook would run on Ctrl-C.
        .setConsumer(new DelegatingProgressBarConsumer(this::draw, WIDTH))
        .build();
  }

  /** Writes over the line that the cursor is on. */
  private void draw(String line) {
    err.print("\r" + line + " ".repeat(Math.max(0, WIDTH - line.length())) + "\r");
    err.flush();
  }

  private final class Line implements Step {
    private final String name;
    private final ProgressBar bar;
    private final long start = System.nanoTime();

    private Line(String name, ProgressBar bar) {
      this.name = name;
      this.bar = bar;
    }

    @Override
    public void advance(long count) {
      if (bar != null) {
        bar.stepBy(count);
      }
    }

    @Override
    public void done(String result) {
      if (bar != null) {
        bar.close();
      }
      if (terminal) {
        draw("");
      }
      err.println(
          String.format(
              Locale.ROOT, "%-24s %6.1f s  %s", name, (System.nanoTime() - start) / 1e9, result));
      err.flush();
    }
  }
}
