package org.micropay.vts.pipeline;

import java.nio.ByteBuffer;
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

/** Escrows, claims and chain events by number, signed with the fake scheme. Stateless. */
final class TestEscrows {
  static final long NOW = 1_700_000_000_000L;
  static final long EXPIRY = NOW / 1000 + 3_600;
  static final int TIP = 800_000;
  static final PublicKey VTS_KEY = key(-1);
  static final int SURE_WIN = 1;
  static final int NO_WIN = Integer.MAX_VALUE;

  private static final long VALUE = 100_000;
  private static final long PAYOUT = 95_000;
  private static final int REFUND_HEIGHT = TIP + 10_000;
  private static final long STALE_MILLIS = 86_400_000L;

  private TestEscrows() {}

  static LedgerPolicy policy(int capacity, int digestInterval) {
    return new LedgerPolicy(
        Network.REGTEST.magic(),
        VTS_KEY,
        capacity,
        0,
        1,
        10,
        STALE_MILLIS,
        LedgerPolicy.MIN_RETIRE_DEPTH,
        digestInterval,
        1,
        2);
  }

  static PublicKey key(int number) {
    byte[] bytes = new byte[PublicKey.LENGTH];
    random(1, number).nextBytes(bytes);
    bytes[0] = 2;
    bytes[1] = 0;
    return PublicKey.of(bytes);
  }

  static Terms terms(int escrow) {
    return terms(escrow, SURE_WIN);
  }

  static Terms terms(int escrow, int odds) {
    return new Terms(
        Network.REGTEST.magic(),
        new Outpoint(bytes32(2, escrow), 0),
        VALUE,
        PAYOUT,
        odds,
        REFUND_HEIGHT,
        key(escrow),
        VTS_KEY);
  }

  /** Claim number {@code variant} on an escrow that always wins. */
  static Claim claim(int escrow, int variant) {
    return claim(terms(escrow), variant, EXPIRY);
  }

  static Claim claim(Terms terms, int variant, long expiry) {
    SplittableRandom random =
        new SplittableRandom(variant * 1_000_003L + terms.outpoint().txid().hashCode());
    Opening opening = new Opening(bytes16(random), bytes16(random));
    Bytes16 r2 = bytes16(random);
    byte[] script = new byte[22];
    random.nextBytes(script);
    script[0] = 0;
    script[1] = 20;
    PayoutScript payout = PayoutScript.of(script);
    byte[] key = terms.buyerKey().toArray();
    Bytes32 ticketDigest = Ticket.digest(terms.digest(), opening.commitment(), r2, expiry, payout);
    byte[] sigTicket = FakeEcdsa.sign(key, ticketDigest.toArray());
    byte[] sigSpend = FakeEcdsa.sign(key, SpendTemplate.release(terms, payout).digest().toArray());
    return new Claim(
        terms,
        opening.commitment(),
        opening,
        r2,
        expiry,
        payout,
        CompactSignature.of(sigTicket),
        CompactSignature.of(sigSpend));
  }

  /** The counter-signature that a grant of this claim must carry. */
  static byte[] counterSignature(Claim claim) {
    return FakeEcdsa.sign(VTS_KEY.toArray(), claim.spendTemplate().digest().toArray());
  }

  static byte[] registerPayload(Terms terms) {
    byte[] bytes = new byte[RegisterRecord.MAX_LENGTH];
    byte[] signature = FakeEcdsa.sign(terms.buyerKey().toArray(), terms.digest().toArray());
    Registration registration =
        new Registration(terms, Optional.empty(), CompactSignature.of(signature));
    int length =
        RegisterRecord.encode(
            new UnsafeBuffer(bytes), 0, registration, TIP - 100, 0, blockHash(TIP));
    return Arrays.copyOf(bytes, length);
  }

  static byte[] blockPayload(int height) {
    byte[] bytes = new byte[BlockRecord.LENGTH];
    BlockRecord.encode(
        new UnsafeBuffer(bytes), 0, height, blockHash(height), blockHash(height - 1));
    return bytes;
  }

  static Bytes32 blockHash(int height) {
    return bytes32(3, height);
  }

  private static Bytes16 bytes16(SplittableRandom random) {
    return Bytes16.of(
        ByteBuffer.allocate(16).putLong(random.nextLong()).putLong(random.nextLong()).array());
  }

  private static Bytes32 bytes32(int domain, int number) {
    byte[] bytes = new byte[32];
    random(domain, number).nextBytes(bytes);
    return Bytes32.of(bytes);
  }

  private static SplittableRandom random(int domain, int number) {
    return new SplittableRandom((long) domain << 32 ^ number);
  }
}
