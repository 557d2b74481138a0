package org.micropay.vts.settlement;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The penalty on a real node, which is restarted to make it forget its mempool. */
class CorePenaltyTest extends PenaltySuite {
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

  @Override
  void loseMempool() {
    node.restart();
  }
}
