package org.micropay.vts.settlement;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The suite on a real node. */
class CoreChainTest extends ChainSuite {
  @TempDir static Path folder;
  private static RegtestNode node;

  @BeforeAll
  static void start() {
    node = Nodes.start(folder);
    node.mature(10);
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
