package org.micropay.vts.audit;

import fr.acinq.bitcoin.Transaction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.settlement.Batch;
import org.micropay.vts.settlement.FeeCoin;
import org.micropay.vts.settlement.ReleasePair;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.settlement.SettlementState;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;

/**
 * What batches may do, without settlement's own state: spend granted escrows only, pay exactly what
 * the claim says, lose no satoshi, and never pay one claim in two confirmed batches. One thread;
 * allocates by batch.
 */
final class PaymentBook {
  private static final int NOBODY = 0;
  private static final int KEYS_IN_SCRIPT = 1;

  private final GrantBook grants;
  // Positions of the claims of each attempt, as long as it can still be confirmed or undone.
  private final Map<Long, List<Long>> claimsOf = new HashMap<>();
  private Optional<SettlementState> before = Optional.empty();
  private final Long2LongHashMap paidBy = new Long2LongHashMap(NOBODY);
  private final UnsafeBuffer pairBytes = new UnsafeBuffer(new byte[Outpoint.LENGTH + 66 + 64]);
  private long confirmed;

  PaymentBook(GrantBook grants) {
    this.grants = grants;
  }

  /** Claims in confirmed batches. */
  long confirmed() {
    return confirmed;
  }

  /** Folds one settlement record. */
  void apply(SettlementRecord entry, Objections objections) {
    switch (entry) {
      case SettlementRecord.BatchStored stored -> store(stored, objections);
      case SettlementRecord.BatchConfirmed batch -> {
        for (long position : claims(batch.batch(), batch.attempt())) {
          long other = paidBy.put(position, batch.batch());
          if (other != NOBODY) {
            objections.find(
                AuditFinding.PAID_TWICE,
                "claim at %d by batches %d and %d".formatted(position, other, batch.batch()));
          }
          confirmed++;
        }
      }
      case SettlementRecord.BatchUnconfirmed batch -> {
        for (long position : claims(batch.batch(), batch.attempt())) {
          paidBy.remove(position);
          confirmed--;
        }
      }
      default -> {
        // Says nothing about who is paid.
      }
    }
  }

  /** Batches that were stored before the first record that is there are looked up in a state. */
  void adopt(SettlementState state) {
    before = Optional.of(state);
  }

  /** Claims of a batch as it was stored at an attempt. */
  private List<Long> claims(int batch, int attempt) {
    List<Long> claims = claimsOf.get(key(batch, attempt));
    return claims != null ? claims : before.map(state -> state.claimsOf(batch)).orElse(List.of());
  }

  private static long key(int batch, int attempt) {
    return (long) batch << 32 | attempt;
  }

  private void store(SettlementRecord.BatchStored stored, Objections objections) {
    Batch batch = stored.content();
    for (ReleasePair pair : batch.pairs()) {
      compare(pair, objections);
    }
    checkAccount(batch, objections);
    claimsOf.put(
        key(stored.batch(), stored.attempt()),
        batch.pairs().stream().map(ReleasePair::position).toList());
  }

  private void compare(ReleasePair pair, Objections objections) {
    byte[] script = pair.witness().get(2);
    byte[] payout = pair.payoutScript().toArray();
    if (script.length < KEYS_IN_SCRIPT + 2 * PublicKey.LENGTH + 2) {
      objections.find(AuditFinding.PAYMENT_DIFFERS, "no escrow's script in the witness");
      return;
    }
    pairBytes.putBytes(0, pair.outpoint().encode());
    pairBytes.putBytes(Outpoint.LENGTH, script, KEYS_IN_SCRIPT, PublicKey.LENGTH);
    pairBytes.putBytes(
        Outpoint.LENGTH + PublicKey.LENGTH,
        script,
        KEYS_IN_SCRIPT + PublicKey.LENGTH + 2,
        PublicKey.LENGTH);
    pairBytes.putBytes(Outpoint.LENGTH + 66, payout);
    grants.pay(
        pair.position(),
        pair.value(),
        pair.payout(),
        pair.refundHeight(),
        pairBytes,
        payout.length,
        objections);
  }

  private static void checkAccount(Batch batch, Objections objections) {
    long in = 0;
    for (ReleasePair pair : batch.pairs()) {
      in = Math.addExact(in, pair.value());
    }
    for (FeeCoin coin : batch.feeCoins()) {
      in = Math.addExact(in, coin.value());
    }
    Transaction tx = Transaction.read(batch.raw());
    long out = 0;
    for (int i = 0; i < tx.txOut.size(); i++) {
      out = Math.addExact(out, tx.txOut.get(i).amount.toLong());
    }
    int inputs = batch.pairs().size() + batch.feeCoins().size();
    if (in != Math.addExact(out, batch.fee()) || tx.txIn.size() != inputs) {
      objections.find(
          AuditFinding.BATCH_ACCOUNT,
          "%d inputs of %d satoshi, outputs of %d, fee %d"
              .formatted(tx.txIn.size(), in, out, batch.fee()));
    }
  }
}
