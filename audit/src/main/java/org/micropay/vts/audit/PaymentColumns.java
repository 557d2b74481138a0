package org.micropay.vts.audit;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.FrameRange;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.settlement.BurnPair;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.settlement.ReleasePair;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;

/**
 * Both signatures of every release in a stored batch, and of the burn of a deposit: the buyer's and
 * the VTS's counter-signature, which stands nowhere else in the journal. A batch is rare beside the
 * claims in it, so this goes through the protocol's classes and allocates. One thread.
 */
final class PaymentColumns {
  private static final int LOT = 128;
  private static final int SIGHASH = SpendTemplate.SIGHASH;

  /**
   * A burn's digest does not cover the buyer's signature, but a deposit has to have one: r, s = 1.
   */
  private static final byte[] ANY_SIGNATURE = new byte[CompactSignature.LENGTH];

  static {
    ANY_SIGNATURE[31] = 1;
    ANY_SIGNATURE[63] = 1;
  }

  private static final int BUYER_KEY = 1;
  private static final int VTS_KEY = 1 + PublicKey.LENGTH + 2;

  private final BatchVerifier verifier;
  private final Column digests;
  private final Column signatures;
  private final Column publicKeys;
  private final Column verdicts;
  private final int[] owner = new int[2 * LOT];
  private int count;

  PaymentColumns(Arena arena, BatchVerifier verifier) {
    this.verifier = verifier;
    digests = new Column(arena, 2 * LOT, 32);
    signatures = new Column(arena, 2 * LOT, 64);
    publicKeys = new Column(arena, 2 * LOT, 33);
    verdicts = new Column(arena, 2 * LOT, 1);
  }

  /** Checks the signatures of a BATCH_STORED record. */
  void check(
      FrameRange range,
      int frame,
      UnsafeBuffer memory,
      int payload,
      int length,
      RangeResult result) {
    byte[] bytes = new byte[length];
    memory.getBytes(payload, bytes);
    List<ReleasePair> pairs;
    try {
      pairs =
          ((SettlementRecord.BatchStored) SettlementRecord.decode(RecordType.BATCH_STORED, bytes))
              .content()
              .pairs();
    } catch (RuntimeException e) {
      return; // the fold names it
    }
    count = 0;
    for (int i = 0; i < pairs.size(); i++) {
      String fault = add(i, pairs.get(i));
      if (fault != null) {
        result.find(range, frame, AuditFinding.PAYMENT_SIGNATURE, "release " + i + ": " + fault);
      }
      if (count == 2 * LOT || i == pairs.size() - 1) {
        verify(range, frame, AuditFinding.PAYMENT_SIGNATURE, "release", result);
      }
    }
  }

  /** Checks the signatures of a BURN_STORED record. */
  void checkBurn(
      FrameRange range,
      int frame,
      UnsafeBuffer memory,
      int payload,
      int length,
      RangeResult result) {
    byte[] bytes = new byte[length];
    memory.getBytes(payload, bytes);
    BurnPair pair;
    try {
      pair =
          ((PenaltyRecord.BurnStored) PenaltyRecord.decode(RecordType.BURN_STORED, bytes))
              .content()
              .pair();
    } catch (RuntimeException e) {
      return; // the fold names it
    }
    count = 0;
    String fault = add(pair);
    if (fault != null) {
      result.find(range, frame, AuditFinding.BURN_SIGNATURE, fault);
    }
    verify(range, frame, AuditFinding.BURN_SIGNATURE, "burn", result);
  }

  private String add(int index, ReleasePair pair) {
    return add(
        index,
        pair.witness(),
        pair.refundHeight(),
        (buyer, vts) ->
            SpendTemplate.release(
                new Terms(
                    0,
                    pair.outpoint(),
                    pair.value(),
                    pair.payout(),
                    1,
                    pair.refundHeight(),
                    buyer,
                    vts),
                pair.payoutScript()));
  }

  private String add(BurnPair pair) {
    return add(
        0,
        pair.witness(),
        pair.refundHeight(),
        (buyer, vts) ->
            SpendTemplate.burn(
                // Only the keys of the terms count.
                new Terms(
                    0,
                    pair.outpoint(),
                    pair.value(),
                    pair.value(),
                    1,
                    pair.refundHeight(),
                    buyer,
                    vts),
                new Deposit(
                    pair.outpoint(),
                    pair.value(),
                    pair.refundHeight(),
                    pair.burnFee(),
                    CompactSignature.of(ANY_SIGNATURE))));
  }

  private String add(
      int index,
      List<byte[]> witness,
      int refundHeight,
      BiFunction<PublicKey, PublicKey, SpendTemplate> spend) {
    byte[] script = witness.get(2);
    if (script.length < VTS_KEY + PublicKey.LENGTH) {
      return "witness script of " + script.length + " bytes";
    }
    SpendTemplate template;
    try {
      PublicKey buyer = PublicKey.copyOf(script, BUYER_KEY);
      PublicKey vts = PublicKey.copyOf(script, VTS_KEY);
      if (!Arrays.equals(script, EscrowScript.of(buyer, vts, refundHeight).toArray())) {
        return "the witness script is not an escrow's";
      }
      template = spend.apply(buyer, vts);
    } catch (RuntimeException e) {
      return e.getMessage();
    }
    CompactSignature byVts = DerSignature.decode(witness.get(0), SIGHASH);
    CompactSignature byBuyer = DerSignature.decode(witness.get(1), SIGHASH);
    if (byVts == null || byBuyer == null) {
      return "a signature is not strict DER with sighash 83";
    }
    byte[] digest = template.digest().toArray();
    put(index, digest, byVts, script, VTS_KEY);
    put(index, digest, byBuyer, script, BUYER_KEY);
    return null;
  }

  private void put(int index, byte[] digest, CompactSignature signature, byte[] script, int keyAt) {
    owner[count] = index;
    digests.buffer.putBytes(count * 32, digest);
    signatures.buffer.putBytes(count * 64, signature.toArray());
    publicKeys.buffer.putBytes(count * 33, script, keyAt, PublicKey.LENGTH);
    count++;
  }

  private void verify(
      FrameRange range, int frame, AuditFinding code, String what, RangeResult result) {
    if (count == 0) {
      return;
    }
    verdicts.clear(count);
    verifier.verify(
        digests.segment, signatures.segment, publicKeys.segment, verdicts.segment, count, 1);
    result.signatures += count;
    for (int i = 0; i < count; i++) {
      if (verdicts.get(i) != 1) {
        result.find(
            range,
            frame,
            code,
            "%s %d: the %s's".formatted(what, owner[i], (i & 1) == 0 ? "VTS" : "buyer"));
      }
    }
    count = 0;
  }
}
