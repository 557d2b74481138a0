package org.micropay.vts.appliance.server;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.config.ConfigException;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.http.DevChainApi;
import org.micropay.vts.settlement.Chain;
import org.micropay.vts.settlement.CoreChain;
import org.micropay.vts.settlement.EmbeddedChain;
import org.micropay.vts.settlement.RpcConfig;
import org.micropay.vts.ticket.Network;

/**
 * The configured chain.
 *
 * @param chain either implementation of the port
 * @param dev what only the embedded chain can offer
 */
record ChainAccess(Chain chain, Optional<DevChainApi> dev) implements AutoCloseable {
  static ChainAccess open(ConfigFile file) throws IOException {
    ApplianceConfig.Chain config = file.config().chain();
    return switch (config.kind()) {
      case EMBEDDED -> {
        Path directory = file.resolve(config.directory());
        Files.createDirectories(directory);
        EmbeddedChain embedded = open(directory.resolve("regtest.blocks"));
        if (embedded.tip().height() == 0) {
          // A follower starts from a block; the first one after genesis makes the chain live.
          embedded.mine(1);
        }
        yield new ChainAccess(embedded, Optional.of(new EmbeddedDevChain(embedded)));
      }
      case BITCOIND ->
          new ChainAccess(
              CoreChain.open(
                  Network.ofId(config.network()),
                  new RpcConfig(
                      URI.create("http://" + config.rpc() + "/"),
                      file.resolve(config.cookieFile()),
                      RpcConfig.DEFAULT_TIMEOUT),
                  config.zmq().isEmpty() ? List.of() : List.of(config.zmq())),
              Optional.empty());
    };
  }

  private static EmbeddedChain open(Path blocks) {
    try {
      return EmbeddedChain.open(blocks, Clock.systemUTC());
    } catch (IllegalStateException e) {
      throw new ConfigException("chain.directory: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    chain.close();
  }
}
