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
    return RegtestNode.start(bitcoind(), folder);
  }

  /** The same with the node's own wallets, such as a cold signer's. */
  public static RegtestNode startWithWallets(Path folder) {
    return RegtestNode.start(bitcoind(), folder, true);
  }

  /** Its program: the test is left out when there is none, and fails under CI. */
  public static Path bitcoind() {
    Optional<Path> found = RegtestNode.find(Path.of(System.getProperty("vts.root", "..")));
    if (found.isEmpty() && "true".equals(System.getenv("CI"))) {
      fail(RegtestNode.MISSING + "; CI=true demands one");
    }
    assumeTrue(found.isPresent(), RegtestNode.MISSING);
    return found.orElseThrow();
  }
}
