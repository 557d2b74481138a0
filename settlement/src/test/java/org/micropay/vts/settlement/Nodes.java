package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;

/** Brings the real node to the tests, or says why there is none. */
final class Nodes {
  private Nodes() {}

  static RegtestNode start(Path folder) {
    return start(folder, false);
  }

  static RegtestNode start(Path folder, boolean wallets) {
    Path root = Path.of(System.getProperty("vts.root", ".."));
    Optional<Path> bitcoind = RegtestNode.find(root);
    if (bitcoind.isEmpty()) {
      String reason = "no bitcoind: set BITCOIND or run ops/node/ensure-bitcoind.sh";
      if ("true".equals(System.getenv("CI"))) {
        fail(reason + "; CI=true demands one");
      }
      assumeTrue(false, reason);
    }
    return RegtestNode.start(bitcoind.orElseThrow(), folder, wallets);
  }
}
