package org.micropay.vts.appliance.demo;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.micropay.vts.settlement.Payment;
import org.micropay.vts.settlement.RegtestNode;
import org.micropay.vts.ticket.Outpoint;

/**
 * A private bitcoind on regtest. The server reaches it as it would reach any node: by JSON-RPC with
 * the cookie, and ZMQ. The demo mines on it.
 */
final class NodeDemoChain implements DemoChain {
  private static final String BRING = "ops/node/ensure-bitcoind.sh";
  private static final int BRING_MINUTES = 5;
  private static final int MATURE_COINS = 20;

  private final RegtestNode node;

  private NodeDemoChain(RegtestNode node) {
    this.node = node;
  }

  /** Starts a node below {@code folder}. */
  static NodeDemoChain start(Path folder) {
    return new NodeDemoChain(startNode(folder));
  }

  /** The node alone, with coins to spend. */
  static RegtestNode startNode(Path folder) {
    try {
      RegtestNode node = RegtestNode.start(bitcoind(), folder.resolve("node"));
      node.mature(MATURE_COINS);
      return node;
    } catch (IllegalStateException e) {
      throw new DemoException(e.getMessage(), e);
    }
  }

  /** The node's program: BITCOIND, or the project's own, brought when it is missing. */
  private static Path bitcoind() {
    Path root = root();
    Optional<Path> found = RegtestNode.find(root);
    if (found.isEmpty() && Files.isExecutable(root.resolve(BRING))) {
      bring(root);
      found = RegtestNode.find(root);
    }
    return found
        .filter(Files::isExecutable)
        .orElseThrow(
            () ->
                new DemoException(
                    "no bitcoind; set BITCOIND to one, or run %s in a checkout".formatted(BRING)));
  }

  private static void bring(Path root) {
    try {
      Process script =
          new ProcessBuilder(root.resolve(BRING).toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!script.waitFor(BRING_MINUTES, TimeUnit.MINUTES)) {
        script.destroyForcibly();
      }
    } catch (IOException e) {
      throw new DemoException("cannot run " + BRING + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoException("interrupted while bitcoind is brought", e);
    }
  }

  /** The checkout that this program was built in; the working directory when there is none. */
  private static Path root() {
    String named = System.getProperty("vts.root");
    if (named != null) {
      return Path.of(named);
    }
    try {
      Path own =
          Path.of(NodeDemoChain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      for (Path at = own; at != null; at = at.getParent()) {
        if (Files.exists(at.resolve(BRING))) {
          return at;
        }
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the program's own location is no URI", e);
    }
    return Path.of("").toAbsolutePath();
  }

  @Override
  public String configuration() {
    return """
    kind = "bitcoind"
    network = "regtest"
    rpc = "127.0.0.1:%d"
    cookie_file = "%s"
    zmq = "%s"
    """
        .formatted(node.rpcPort(), node.cookieFile(), node.zmqEndpoint());
  }

  @Override
  public String name() {
    return "bitcoind on regtest";
  }

  @Override
  public List<Outpoint> fund(List<Payment> payments) {
    return node.fund(payments);
  }

  @Override
  public int mine(int blocks) {
    node.mine(blocks);
    return node.chain().tip().height();
  }

  @Override
  public List<byte[]> blocks() {
    return ChainBlocks.all(node.chain());
  }

  @Override
  public void close() {
    node.close();
  }
}
