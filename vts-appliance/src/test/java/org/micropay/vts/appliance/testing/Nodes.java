package org.micropay.vts.appliance.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.micropay.vts.settlement.RegtestNode;

/** Brings the real node to the tests, or says why there is none. */
public final class Nodes {
  private Nodes() {}

  /** Starts one in a folder. */
  public static RegtestNode start(Path folder) {
    Optional<Path> bitcoind = RegtestNode.find(Path.of(System.getProperty("vts.root", "..")));
    if (bitcoind.isEmpty()) {
      String reason = "no bitcoind: set BITCOIND or run ops/node/ensure-bitcoind.sh";
      if ("true".equals(System.getenv("CI"))) {
        fail(reason + "; CI=true demands one");
      }
      assumeTrue(false, reason);
    }
    return RegtestNode.start(bitcoind.orElseThrow(), folder);
  }
}
