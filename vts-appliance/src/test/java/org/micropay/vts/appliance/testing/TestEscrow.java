package org.micropay.vts.appliance.testing;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/**
 * An escrow whose key the test holds: it signs whatever a test asks for, also what no honest buyer
 * would. Keys live until the process ends. Any thread.
 *
 * @param key the buyer's
 * @param terms of the escrow
 */
public record TestEscrow(SecretKey key, Terms terms) {
  /** The order of the group. */
  public static final BigInteger ORDER =
      new BigInteger("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", 16);

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final PayoutScript PAYOUT_SCRIPT = PayoutScript.fromHex("0014" + "5a".repeat(20));
  private static final long EXPIRY_SECONDS = 3600;

  /**
   * An escrow without an output yet.
   *
   * @param key the buyer's
   * @param vtsKey the server's
   * @param refundHeight of the script
   */
  public record Draft(SecretKey key, PublicKey vtsKey, int refundHeight) {
    /** The output script, hex. */
    public String scriptHex() {
      return EscrowScript.of(PublicKey.of(key.publicKey()), vtsKey, refundHeight)
          .scriptPubKey()
          .toHex();
    }

    /** The escrow in this output. */
    public TestEscrow at(Outpoint outpoint) {
      return new TestEscrow(
          key,
          new Terms(
              Network.REGTEST.magic(),
              outpoint,
              TestServer.VALUE,
              TestServer.PAYOUT,
              TestServer.ODDS,
              refundHeight,
              PublicKey.of(key.publicKey()),
              vtsKey));
    }
  }

  /** A new key and what its escrow pays to. */
  public static Draft draft(PublicKey vtsKey, int refundHeight) {
    return new Draft(SecretKey.generate(), vtsKey, refundHeight);
  }

  /** The same key under other terms. */
  public TestEscrow with(Terms other) {
    return new TestEscrow(key, other);
  }

  /** Other odds and payout on the same output. */
  public TestEscrow with(long payout, int odds) {
    return with(
        new Terms(
            terms.network(),
            terms.outpoint(),
            terms.value(),
            payout,
            odds,
            terms.refundHeight(),
            terms.buyerKey(),
            terms.vtsKey()));
  }

  /** Signed, without a deposit. */
  public Registration registration() {
    return TicketSigner.registration(key, terms, Optional.empty());
  }

  /** A claim that wins; another one at each call. */
  public Claim winner() {
    return claim(true, inAnHour(), PAYOUT_SCRIPT);
  }

  /** A claim that does not win, all else right. */
  public Claim loser() {
    return claim(false, inAnHour(), PAYOUT_SCRIPT);
  }

  /** A winner with an expiry of the test's choice, Unix seconds. */
  public Claim winner(long expiry) {
    return claim(true, expiry, PAYOUT_SCRIPT);
  }

  /** A winner that pays to a script of the test's choice. */
  public Claim winner(PayoutScript script) {
    return claim(true, inAnHour(), script);
  }

  private static long inAnHour() {
    return System.currentTimeMillis() / 1000 + EXPIRY_SECONDS;
  }

  private Claim claim(boolean wins, long expiry, PayoutScript script) {
    byte[] drawn = new byte[Opening.LENGTH];
    RANDOM.nextBytes(drawn);
    Opening opening = new Opening(Bytes16.copyOf(drawn, 0), Bytes16.copyOf(drawn, Bytes16.LENGTH));
    byte[] r2 = new byte[Bytes16.LENGTH];
    RANDOM.nextBytes(r2);
    for (int i = 0; i < Long.BYTES; i++) {
      // u = 0 always wins, u = 2^64 - 1 never does at odds above 1.
      r2[i] = wins ? drawn[i] : (byte) ~drawn[i];
    }
    Ask ask = new Ask(opening.commitment(), script);
    return Claim.of(terms, TicketSigner.ticket(key, terms, ask, Bytes16.of(r2), expiry), opening);
  }

  // ---- forgeries, on canonical bytes

  /** Where the ticket's signature lies in a claim to a P2WPKH script. */
  public static final int SIG_TICKET = ClaimLayout.SCRIPT + 22;

  /** Where the spend signature lies in it. */
  public static final int SIG_SPEND = SIG_TICKET + 64;

  /** A copy with {@code hex} written at {@code offset}. */
  public static byte[] patched(byte[] claim, int offset, String hex) {
    byte[] copy = claim.clone();
    byte[] patch = HexFormat.of().parseHex(hex);
    System.arraycopy(patch, 0, copy, offset, patch.length);
    return copy;
  }

  /** A copy with one bit of the byte at {@code offset} turned over. */
  public static byte[] flipped(byte[] claim, int offset) {
    byte[] copy = claim.clone();
    copy[offset] ^= 1;
    return copy;
  }

  /**
   * A copy whose signature at {@code offset} has n - s for s: the same signature, not canonical.
   */
  public static byte[] highS(byte[] claim, int offset) {
    byte[] copy = claim.clone();
    BigInteger s = new BigInteger(1, Arrays.copyOfRange(claim, offset + 32, offset + 64));
    byte[] high = ORDER.subtract(s).toByteArray();
    // Above n/2 the sign byte leads.
    System.arraycopy(high, high.length - 32, copy, offset + 32, 32);
    return copy;
  }
}
