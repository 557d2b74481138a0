package org.micropay.vts.appliance.demo;

import java.util.Random;
import org.micropay.vts.merchant.AskBook;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;

/**
 * A merchant of the demo and where its winnings go.
 *
 * @param asks the library's book of asks
 * @param script its payout script; no two merchants share one
 */
record DemoMerchant(AskBook asks, PayoutScript script) {
  private static final long MIN_EXPIRY_SECONDS = 600;
  private static final int MAX_OPEN_ASKS = 4_096;

  /** Merchant number {@code index}; the five types of payout script take turns. */
  static DemoMerchant make(int index, Network network, PublicKey vtsKey, Random random) {
    PayoutScript script =
        switch (index % 5) {
          case 0 -> wrapped(random, 20, "0014", "");
          case 1 -> taproot();
          case 2 -> wrapped(random, 32, "0020", "");
          case 3 -> wrapped(random, 20, "76a914", "88ac");
          default -> wrapped(random, 20, "a914", "87");
        };
    return new DemoMerchant(
        new AskBook(network, vtsKey, script, MIN_EXPIRY_SECONDS, MAX_OPEN_ASKS), script);
  }

  private static PayoutScript wrapped(Random random, int length, String before, String after) {
    byte[] hash = new byte[length];
    random.nextBytes(hash);
    return PayoutScript.fromHex(before + java.util.HexFormat.of().formatHex(hash) + after);
  }

  private static PayoutScript taproot() {
    try (SecretKey key = SecretKey.generate()) {
      String xOnly = PublicKey.of(key.publicKey()).toHex().substring(2);
      return PayoutScript.fromHex("5120" + xOnly);
    }
  }
}
