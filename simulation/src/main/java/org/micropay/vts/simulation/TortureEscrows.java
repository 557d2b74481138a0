package org.micropay.vts.simulation;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/**
 * Escrows and claims by number, so that two processes know the same ones without talking. Toy
 * signatures; the chain is one block that nobody sees. Stateless.
 */
final class TortureEscrows {
  static final PublicKey VTS = key(-1);
  static final long NOW = 1_700_000_000_000L;
  private static final int TIP = 800_000;
  private static final long VALUE = 100_000;
  private static final long PAYOUT = 95_000;
  private static final long EXPIRY = 4_000_000_000L;
  private static final long NEVER_STALE = 1L << 50;

  private TortureEscrows() {}

  static LedgerPolicy policy(int capacity) {
    return new LedgerPolicy(
        Network.REGTEST.magic(),
        VTS,
        capacity,
        0,
        1,
        10,
        NEVER_STALE,
        LedgerPolicy.MIN_RETIRE_DEPTH,
        25,
        1,
        2);
  }

  private static PublicKey key(int number) {
    byte[] bytes = new byte[PublicKey.LENGTH];
    random(1, number, 0).nextBytes(bytes);
    bytes[0] = 2;
    bytes[1] = 0;
    return PublicKey.of(bytes);
  }

  static Terms terms(int escrow) {
    return new Terms(
        Network.REGTEST.magic(),
        new Outpoint(bytes32(random(2, escrow, 0)), 0),
        VALUE,
        PAYOUT,
        1,
        TIP + 10_000,
        key(escrow),
        VTS);
  }

  /** Payload of the record that registers an escrow; the wanted length only. */
  static byte[] registration(int escrow) {
    Terms terms = terms(escrow);
    CompactSignature signature =
        ToyCrypto.sign(terms.buyerKey(), Registration.digest(terms, Optional.empty()));
    byte[] bytes = new byte[RegisterRecord.MAX_LENGTH];
    int length =
        RegisterRecord.encode(
            new UnsafeBuffer(bytes),
            0,
            new Registration(terms, Optional.empty(), signature),
            TIP - 100,
            0,
            blockHash(TIP));
    return Arrays.copyOf(bytes, length);
  }

  /** Payload of the record of the only block. */
  static byte[] block() {
    byte[] bytes = new byte[BlockRecord.LENGTH];
    BlockRecord.encode(new UnsafeBuffer(bytes), 0, TIP, blockHash(TIP), blockHash(TIP - 1));
    return bytes;
  }

  /** Winning claim number {@code variant} on an escrow. */
  static Claim claim(int escrow, int variant) {
    Terms terms = terms(escrow);
    SplittableRandom random = random(3, escrow, variant);
    Opening opening = new Opening(bytes16(random), bytes16(random));
    Bytes16 r2 = bytes16(random);
    byte[] script = new byte[22];
    random.nextBytes(script);
    script[0] = 0;
    script[1] = 20;
    PayoutScript payout = PayoutScript.of(script);
    Bytes32 ticket = Ticket.digest(terms.digest(), opening.commitment(), r2, EXPIRY, payout);
    return new Claim(
        terms,
        opening.commitment(),
        opening,
        r2,
        EXPIRY,
        payout,
        ToyCrypto.sign(terms.buyerKey(), ticket),
        ToyCrypto.sign(terms.buyerKey(), SpendTemplate.release(terms, payout).digest()));
  }

  private static Bytes32 blockHash(int height) {
    return bytes32(random(4, height, 0));
  }

  private static Bytes16 bytes16(SplittableRandom random) {
    byte[] bytes = new byte[Bytes16.LENGTH];
    random.nextBytes(bytes);
    return Bytes16.of(bytes);
  }

  private static Bytes32 bytes32(SplittableRandom random) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    random.nextBytes(bytes);
    return Bytes32.of(bytes);
  }

  private static SplittableRandom random(int domain, int number, int variant) {
    return new SplittableRandom((long) domain << 56 ^ (long) variant << 32 ^ number & 0xFFFFFFFFL);
  }
}
