package org.micropay.vts.experiments;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.ticket.Terms;

/**
 * What the experiment's two processes must agree on: keys and escrows that both derive from one
 * seed, on a test chain that nobody looks at. The keys protect nothing.
 */
final class Sample {
  /** Unix seconds, far ahead. */
  static final long EXPIRY = 4_000_000_000L;

  /** Buyers; their escrows take turns. */
  static final int BUYERS = 64;

  /** Odds of the web experiment's tickets, the paper's. */
  static final int ODDS = 128;

  static final PayoutScript PAYOUT = PayoutScript.fromHex("0014" + "5a".repeat(20));

  private Sample() {}

  /** A key of this name and number. */
  static SecretKey key(String name, long seed, int number) {
    return SecretKey.moveFrom(
        Sha256.of(
                ("vts paper " + name + " " + seed + " " + number).getBytes(StandardCharsets.UTF_8))
            .toArray());
  }

  /** Terms of an escrow that exists nowhere. */
  static Terms terms(byte[] buyerKey, byte[] vtsKey, long number, int odds) {
    byte[] txid = new byte[Bytes32.LENGTH];
    ByteBuffer.wrap(txid).putLong(number).putLong(number * 0x9E3779B97F4A7C15L);
    return new Terms(
        Network.REGTEST.magic(),
        new Outpoint(Bytes32.of(txid), 0),
        100_000,
        99_000,
        odds,
        400_000_000,
        PublicKey.of(buyerKey),
        PublicKey.of(vtsKey));
  }
}
