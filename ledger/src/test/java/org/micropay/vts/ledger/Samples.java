package org.micropay.vts.ledger;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimDigester;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/** Well-formed messages with made-up keys and signatures: the ledger sees verified ones only. */
final class Samples {
  static final int NETWORK = Network.REGTEST.magic();
  static final PublicKey VTS_KEY = key(7);
  static final long START_MILLIS = 1_800_000_000_000L;
  static final long NO_EXPIRY = 0xFFFF_FFFFL;
  static final CompactSignature SIGNATURE = signature();

  private Samples() {}

  static LedgerPolicy policy(int escrows, int deposits) {
    return new LedgerPolicy(
        NETWORK, VTS_KEY, escrows, deposits, 3, 10, 60_000, 100, 50, 0x1122334455667788L, 42);
  }

  static SplittableRandom random(String test) {
    long seed = Long.getLong("vts.seed", System.nanoTime());
    System.out.println(test + ": -Dvts.seed=" + seed);
    return new SplittableRandom(seed);
  }

  static PublicKey key(int number) {
    byte[] bytes = new byte[PublicKey.LENGTH];
    bytes[0] = 2;
    new UnsafeBuffer(bytes).putInt(20, number);
    return PublicKey.of(bytes);
  }

  private static CompactSignature signature() {
    byte[] bytes = new byte[CompactSignature.LENGTH];
    bytes[31] = 1;
    bytes[63] = 1;
    return CompactSignature.of(bytes);
  }

  static Bytes32 bytes32(long number) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    new UnsafeBuffer(bytes).putLong(8, number);
    return Bytes32.of(bytes);
  }

  static Outpoint outpoint(long number) {
    return new Outpoint(bytes32(number), (int) (number & 3));
  }

  static Terms terms(long number, int odds, int refundHeight) {
    return new Terms(
        NETWORK,
        outpoint(number),
        100_000 + (number & 0xFF),
        90_000,
        odds,
        refundHeight,
        key((int) (number & 1)),
        VTS_KEY);
  }

  static Terms terms(long number) {
    return terms(number, 128, 400_000);
  }

  static Deposit deposit(long number, long burnFee) {
    return new Deposit(outpoint(1_000_000_000L + number), 50_000, 450_000, burnFee, SIGNATURE);
  }

  static Registration registration(Terms terms, Deposit deposit) {
    return new Registration(terms, Optional.ofNullable(deposit), SIGNATURE);
  }

  static Claim claim(Terms terms, int ticket, long expiry) {
    byte[] r = new byte[Bytes16.LENGTH];
    new UnsafeBuffer(r).putInt(0, ticket);
    byte[] script = new byte[22];
    script[1] = 20;
    Bytes16 r1 = Bytes16.of(r);
    return new Claim(
        terms,
        bytes32(ticket),
        new Opening(r1, r1),
        r1,
        expiry,
        PayoutScript.of(script),
        SIGNATURE,
        SIGNATURE);
  }

  /** A claim with its id, ready for the ledger. */
  static final class Ready {
    final byte[] bytes;
    final ClaimView view;
    final byte[] id = new byte[Bytes32.LENGTH];

    Ready(Claim claim) {
      bytes = claim.encode();
      view = new ClaimView().wrap(bytes, 0, bytes.length);
      ClaimDigester digester = new ClaimDigester();
      byte[] terms = new byte[Bytes32.LENGTH];
      digester.termsDigest(view, terms, 0);
      digester.claimId(view, terms, 0, id, 0);
    }

    Bytes32 claimId() {
      return Bytes32.of(Arrays.copyOf(id, id.length));
    }
  }

  static Ready ready(Terms terms, int ticket) {
    return new Ready(claim(terms, ticket, NO_EXPIRY));
  }
}
