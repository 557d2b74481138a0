package org.micropay.vts.appliance.server;

import java.io.IOException;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.settlement.Chain;

/**
 * The configured chain for a command of its own, beside or without a server.
 *
 * @param chain the port
 */
public record WalletChain(Chain chain) implements AutoCloseable {
  /**
   * Opens it.
   *
   * @throws IOException when the embedded chain's folder cannot be made
   */
  public static WalletChain open(ConfigFile file) throws IOException {
    return new WalletChain(ChainAccess.open(file).chain());
  }

  @Override
  public void close() {
    chain.close();
  }
}
