package org.micropay.vts.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.pipeline.MiswiredPipeline;

/** A little of the torture; {@code ops/torture/long-run.sh} is the whole of it. */
class TortureTest {
  @TempDir Path folder;

  private TortureReport run(Torture.Options options, Parts parts) {
    System.out.println("torture: -Dvts.seed=" + options.seed());
    try (Torture torture = new Torture(options, parts, folder, silent())) {
      TortureReport report = torture.run();
      System.out.println("torture: " + report);
      return report;
    }
  }

  @Test
  void shouldSurviveALittleOfEverything() {
    long seed = Long.getLong("vts.seed", System.nanoTime());
    TortureReport report =
        run(new Torture.Options(seed, 2, 60, 300, 0, SweepRange.NONE), Parts.PRODUCTION);
    assertEquals(List.of(), report.findings());
    assertEquals(2, report.kills());
    assertEquals(60, report.powerLossImages());
    assertEquals(300, report.bitFlips().turned());
    assertTrue(report.bitFlips().named() > 0);
    assertTrue(report.acknowledged() > 0);
  }

  /** The whole sweep is some 700 points; here a few, drawn. */
  @Test
  void shouldSurviveFailingSystemCalls() throws Exception {
    bringStrace();
    long seed = Long.getLong("vts.seed", System.nanoTime());
    long first = 1 + Math.floorMod(seed, 700);
    TortureReport report =
        run(
            new Torture.Options(seed, 0, 0, 0, 0, new SweepRange(first, first + 7)),
            Parts.PRODUCTION);
    assertEquals(List.of(), report.findings());
    assertTrue(report.systemCalls().points() > 400, () -> report.systemCalls().toString());
    assertEquals(8, report.systemCalls().faults());
  }

  /** Where there is none to be had only CI insists; some machines allow no tracing. */
  private static void bringStrace() throws IOException, InterruptedException {
    Path root = Path.of(System.getProperty("vts.root", ".."));
    Process bring =
        new ProcessBuilder("ops/torture/ensure-strace.sh", "build/strace")
            .directory(root.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(bring.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (bring.waitFor() == 0) {
      System.setProperty("vts.strace", said.lines().reduce((first, last) -> last).orElseThrow());
    } else if ("true".equals(System.getenv("CI"))) {
      fail("CI=true demands strace: " + said);
    }
    assumeTrue(Torture.canTrace(), "strace cannot trace here: " + said);
  }

  /** Zeros in a report mean something only if it can show other numbers. */
  @Test
  void shouldCountWhatIsLost() {
    TortureReport report =
        run(
            new Torture.Options(1, 0, 60, 0, 0, SweepRange.NONE),
            CanaryTest.storageWhichIgnores("force"));
    assertFalse(report.clean());
    assertTrue(report.lost() > 0);
    assertEquals(0, report.doubleGrants());
    TortureReport.Finding first = report.findings().getFirst();
    assertTrue(first.replay().startsWith("vts torture --seed 1 --images "), first.replay());
  }

  @Test
  void shouldCountDoubleGrantsAndGoOn() {
    TortureReport report =
        run(
            new Torture.Options(1, 0, 0, 0, 2_000, SweepRange.NONE),
            CanaryTest.miswired(MiswiredPipeline.Fault.DECIDES_BY_TERMS));
    assertEquals(2, report.findings().size(), "each history ends at its first finding");
    assertTrue(report.doubleGrants() + report.lost() > 0);
    assertEquals(
        "vts torture --simulate --seed 2 --claims 1000", report.findings().getLast().replay());
    assertEquals(2, report.simulated().seeds());
    assertTrue(report.simulated().claims() > 0, "what happened until then is counted");
  }

  static TortureProgress silent() {
    TortureProgress.Step step =
        new TortureProgress.Step() {
          @Override
          public void advance(long count) {}

          @Override
          public void done(String result) {}
        };
    return (name, total) -> step;
  }
}
