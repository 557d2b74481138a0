package org.micropay.vts.merchant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Terms;

/**
 * One funded escrow of a test network with its key, as a file that another wallet takes over; the
 * demo shop's page does (docs/PAYING.md, section 10). Holds a secret in the heap, which {@link
 * SecretKey} otherwise avoids: for test coins only.
 *
 * @param type {@value #TYPE}
 * @param version 1
 * @param network id of the chain, never mainnet
 * @param terms base64url of the 130 bytes
 * @param secretKey 64 lower-case hex digits, of {@code buyerKey}
 */
public record EscrowExport(
    String type, int version, String network, String terms, String secretKey) {
  /** What kind of file it is. */
  public static final String TYPE = "vts-test-escrow";

  /** Checks the network. */
  public EscrowExport {
    if (Network.ofId(network) == Network.MAINNET) {
      throw new IllegalStateException("escrows of mainnet are not exported; use a test network");
    }
  }

  /**
   * Reads the key out through a private file in {@code folder}, which is the key's own way out.
   *
   * @param folder only its owner may access it
   */
  static EscrowExport of(SecretKey key, Network network, Terms terms, Path folder)
      throws IOException {
    Path file = folder.resolve("export-" + terms.digest().toHex().substring(0, 16) + ".key");
    Files.deleteIfExists(file);
    key.writeTo(file);
    byte[] secret = Files.readAllBytes(file);
    try {
      return new EscrowExport(
          TYPE, 1, network.id(), terms.toBase64Url(), HexFormat.of().formatHex(secret));
    } finally {
      Arrays.fill(secret, (byte) 0);
      Files.delete(file);
    }
  }

  /** Leaves the key out. */
  @Override
  public String toString() {
    return "EscrowExport[network=" + network + ", terms=" + terms + "]";
  }
}
