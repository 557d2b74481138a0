package org.micropay.vts.settlement;

import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The scenarios on the embedded chain. */
class EmbeddedScenarioTest extends ScenarioSuite {
  @TempDir static Path folder;
  private static EmbeddedChain chain;

  @BeforeAll
  static void start() {
    chain = EmbeddedChain.open(folder.resolve("chain.dat"), InstantSource.system());
    chain.mature(20);
  }

  @AfterAll
  static void stop() {
    chain.close();
  }

  @Override
  DevChain dev() {
    return chain;
  }
}
