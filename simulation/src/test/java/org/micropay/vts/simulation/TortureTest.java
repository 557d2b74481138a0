package org.micropay.vts.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A little of the torture; {@code ops/torture/long-run.sh} is the whole of it. */
class TortureTest {
  @TempDir Path folder;

  @Test
  void shouldSurviveALittleOfEverything() {
    long seed = Long.getLong("vts.seed", System.nanoTime());
    System.out.println("torture: -Dvts.seed=" + seed);
    try (Torture torture =
        new Torture(new Torture.Options(seed, 2, 60, 300, 0, false), folder, silent())) {
      Map<String, Object> counts = torture.run();
      System.out.println("torture: " + counts);
      assertEquals(2L, counts.get("kills"));
      assertEquals(60L, counts.get("powerLossImages"));
      assertTrue((long) counts.get("bitFlipsNamed") > 0);
    }
  }

  private static TortureProgress silent() {
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
