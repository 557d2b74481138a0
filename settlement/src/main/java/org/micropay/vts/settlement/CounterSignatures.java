package org.micropay.vts.settlement;

import java.util.List;
import java.util.Optional;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Outpoint;

/**
 * The VTS's signatures out of the transactions that settlement journaled: no key is needed to read
 * them again. Pure functions, any thread.
 */
public final class CounterSignatures {
  private static final int SCALAR = 32;

  private CounterSignatures() {}

  /**
   * The signature over the release of one claim.
   *
   * @param batchStored payload of a BATCH_STORED record
   * @param position of the claim's grant
   * @return empty when the batch does not hold the claim
   */
  public static Optional<CompactSignature> ofBatch(byte[] batchStored, long position) {
    SettlementRecord entry = SettlementRecord.decode(RecordType.BATCH_STORED, batchStored);
    List<ReleasePair> pairs = ((SettlementRecord.BatchStored) entry).content().pairs();
    return pairs.stream()
        .filter(pair -> pair.position() == position)
        .findFirst()
        .map(pair -> ofDer(pair.witness().getFirst()));
  }

  /**
   * The signature over the burn of a deposit.
   *
   * @param burnStored payload of a BURN_STORED record
   * @return empty when it burns another deposit
   */
  public static Optional<CompactSignature> ofBurn(byte[] burnStored, Outpoint deposit) {
    PenaltyRecord entry = PenaltyRecord.decode(RecordType.BURN_STORED, burnStored);
    BurnPair pair = ((PenaltyRecord.BurnStored) entry).content().pair();
    return pair.outpoint().equals(deposit)
        ? Optional.of(ofDer(pair.witness().getFirst()))
        : Optional.empty();
  }

  /**
   * A signature of a witness: strict DER (BIP 66) with the sighash byte behind it.
   *
   * <pre>
   *  30 length | 02 n r (n bytes) | 02 m s (m bytes) | sighash
   * </pre>
   */
  static CompactSignature ofDer(byte[] der) {
    byte[] compact = new byte[CompactSignature.LENGTH];
    int rLength = der[3];
    int sAt = 4 + rLength;
    copyScalar(der, 4, rLength, compact, 0);
    copyScalar(der, sAt + 2, der[sAt + 1], compact, SCALAR);
    return CompactSignature.of(compact);
  }

  /** A leading zero keeps the number positive and is left out. */
  private static void copyScalar(byte[] der, int at, int length, byte[] target, int to) {
    int skip = Math.max(0, length - SCALAR);
    int count = length - skip;
    System.arraycopy(der, at + skip, target, to + SCALAR - count, count);
  }
}
