package org.micropay.vts.appliance.server;

import java.io.IOException;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.config.ConfigException;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.FeeDescriptor;
import org.micropay.vts.settlement.FeeSigner;
import org.micropay.vts.settlement.WatchOnlyWallet;
import org.micropay.vts.ticket.Network;

/**
 * The configured fee wallet: a key file here, or a descriptor of a key that is elsewhere. Closing
 * it clears the key.
 *
 * @param signer settlement's port
 * @param descriptor public keys only
 * @param index which of its addresses
 * @param key the key file's; null for a watch-only wallet
 */
public record FeeWallets(FeeSigner signer, FeeDescriptor descriptor, int index, SecretKey key)
    implements AutoCloseable {

  /**
   * Opens it.
   *
   * @throws IOException when the key file cannot be used
   */
  public static FeeWallets open(ConfigFile file) throws IOException {
    ApplianceConfig.Keys keys = file.config().keys();
    if (keys.feeDescriptor().isEmpty()) {
      SecretKey key = SecretKey.fromFile(file.resolve(keys.fee()));
      FeeKey signer = new FeeKey(key);
      return new FeeWallets(signer, FeeDescriptor.ofKey(signer.publicKey()), 0, key);
    }
    try {
      Network network = Network.ofId(file.config().chain().network());
      FeeDescriptor descriptor = FeeDescriptor.parse(keys.feeDescriptor(), network);
      WatchOnlyWallet watched = new WatchOnlyWallet(descriptor, keys.feeIndex());
      return new FeeWallets(watched, descriptor, keys.feeIndex(), null);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("keys.fee_descriptor: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    if (key != null) {
      key.close();
    }
  }
}
