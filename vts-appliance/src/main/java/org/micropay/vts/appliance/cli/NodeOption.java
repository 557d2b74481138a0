package org.micropay.vts.appliance.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.micropay.vts.settlement.CoreChain;
import org.micropay.vts.settlement.RpcConfig;
import org.micropay.vts.ticket.Network;
import picocli.CommandLine.Option;

/** Which Bitcoin node a command without a configuration speaks to. */
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
}
