package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One seed, one history. */
class PipelineStepperTest {
  private static List<Long> trace(long seed) {
    try (PipelineHarness harness = new PipelineHarness(seed).withEscrows(10)) {
      List<Long> trace = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        harness.send(TestEscrows.claim(i % 10, i / 30));
        harness.stepper.step(3);
        harness.pipeline.stages().forEach(stage -> trace.add(stage.position()));
        trace.add(harness.journal.syncs);
      }
      harness.stepper.runUntilQuiet();
      trace.add(harness.stepper.steps());
      return trace;
    }
  }

  @Test
  void shouldDoTheSameAgainForTheSameSeedAndElseForAnother() {
    assertEquals(trace(42), trace(42));
    assertNotEquals(trace(42), trace(43));
  }
}
