package org.micropay.vts.settlement;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The scenarios on a real node. */
class CoreScenarioTest extends ScenarioSuite {
  @TempDir static Path folder;
  private static RegtestNode node;

  @BeforeAll
  static void start() {
    node = Nodes.start(folder);
    node.mature(20);
  }

  @AfterAll
  static void stop() {
    if (node != null) {
      node.close();
    }
  }

  @Override
  DevChain dev() {
    return node;
  }
}
