package org.micropay.vts.appliance.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.micropay.vts.settlement.Acceptance;
import org.micropay.vts.settlement.ChainException;
import org.micropay.vts.settlement.CoreChain;
import org.micropay.vts.settlement.RpcConfig;
import org.micropay.vts.ticket.Network;
import picocli.CommandLine.Option;

/** Which Bitcoin node a command without a configuration speaks to, and what it says to it. */
public final class NodeOption {
  @Option(
      names = "--rpc",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8332",
      description = "The node's JSON-RPC endpoint (default: ${DEFAULT-VALUE}).")
  String rpc;

  @Option(names = "--cookie", paramLabel = "FILE", description = "The node's .cookie file.")
  Path cookie;

  /** A connection; the first call connects. */
  CoreChain open(Network network) {
    if (cookie == null) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--cookie FILE is missing; name the node's .cookie file");
    }
    URI uri;
    try {
      uri = URI.create("http://" + rpc + "/");
    } catch (IllegalArgumentException e) {
      uri = URI.create("none:/");
    }
    if (uri.getHost() == null || uri.getPort() < 1) {
      throw new CommandException(ExitCode.USAGE, "USAGE", "--rpc '" + rpc + "' is not HOST:PORT");
    }
    return CoreChain.open(
        network, new RpcConfig(uri, cookie, RpcConfig.DEFAULT_TIMEOUT), List.of());
  }

  /**
   * Sends a transaction through the node.
   *
   * @return what the node made of it, in words for the user
   * @throws CommandException when it refuses, or cannot be asked
   */
  String broadcast(Network network, byte[] transaction) {
    try (CoreChain chain = open(network)) {
      // Whether it is the right chain, before it gets anything.
      chain.status();
      return switch (chain.broadcast(transaction)) {
        case Acceptance.Accepted accepted -> "accepted";
        case Acceptance.AlreadyKnown known -> "known already";
        case Acceptance.Rejected rejected ->
            throw new CommandException(
                ExitCode.NEGATIVE,
                rejected.reason().name(),
                "the node refuses: " + rejected.text());
      };
    } catch (ChainException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "NODE_" + e.kind(), e.getMessage());
    }
  }
}
