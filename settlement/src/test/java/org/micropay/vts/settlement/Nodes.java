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
    return RegtestNode.start(bitcoind(), folder, wallets);
  }

  private static Path bitcoind() {
    Optional<Path> found = RegtestNode.find(Path.of(System.getProperty("vts.root", "..")));
    if (found.isEmpty() && "true".equals(System.getenv("CI"))) {
      fail(RegtestNode.MISSING + "; CI=true demands one");
    }
    assumeTrue(found.isPresent(), RegtestNode.MISSING);
    return found.orElseThrow();
  }
}
