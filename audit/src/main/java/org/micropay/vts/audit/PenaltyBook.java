package org.micropay.vts.audit;

import fr.acinq.bitcoin.Transaction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.settlement.BurnPair;
import org.micropay.vts.settlement.FeeCoin;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.settlement.PenaltyState;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.TermsLayout;

/**
 * What penalties may do: burn a deposit only when a double-spend is proven on an escrow that it
 * stands behind, exactly as its buyer signed, and lose no satoshi. The order of the records is
 * {@link PenaltyState}'s business, which is folded beside.
 *
 * <p>Some 300 bytes for each registration with a deposit. One thread; allocates by record.
 */
final class PenaltyBook {
  /** Outpoint, value, refund height and burn fee. */
  private static final int IDENTITY = 56;

  private static final int KEYS = 2 * PublicKey.LENGTH;
  private static final int DEPOSIT = RegisterRecord.REGISTRATION + TermsLayout.LENGTH + 1;

  private final Fingerprint escrow = new Fingerprint();
  private final Long2ObjectHashMap<Secured> byEscrow = new Long2ObjectHashMap<>();
  private final Map<Long, Secured> byProof = new HashMap<>();
  private PenaltyState state = new PenaltyState();
  private boolean stateStopped;
  private long adoptedAt;
  private long unknownProofs;

  /**
   * A deposit with the keys of its script.
   *
   * @param identity the deposit's first 56 bytes
   * @param keys buyer's and VTS's
   */
  record Secured(byte[] identity, byte[] keys) {
    private boolean isOf(Outpoint outpoint, long value) {
      ByteBuffer head = ByteBuffer.wrap(identity).order(ByteOrder.LITTLE_ENDIAN);
      return Arrays.equals(identity, 0, Outpoint.LENGTH, outpoint.encode(), 0, Outpoint.LENGTH)
          && head.getLong(Outpoint.LENGTH) == value;
    }

    private boolean hasPair(BurnPair pair) {
      ByteBuffer other = ByteBuffer.allocate(IDENTITY).order(ByteOrder.LITTLE_ENDIAN);
      other.put(pair.outpoint().encode()).putLong(pair.value());
      other.putInt(pair.refundHeight()).putLong(pair.burnFee());
      EscrowScript script =
          EscrowScript.of(
              PublicKey.copyOf(keys, 0),
              PublicKey.copyOf(keys, PublicKey.LENGTH),
              pair.refundHeight());
      return Arrays.equals(identity, other.array())
          && Arrays.equals(script.toArray(), pair.witness().getLast());
    }
  }

  /** Penalty records whose proof lies before every record that was seen. */
  long unknownProofs() {
    return unknownProofs;
  }

  /** A REGISTER record's payload of {@code length} bytes. */
  void register(DirectBuffer payload, int offset, int length) {
    if (length != RegisterRecord.MAX_LENGTH) {
      return;
    }
    byte[] identity = new byte[IDENTITY];
    payload.getBytes(offset + DEPOSIT, identity);
    byte[] keys = new byte[KEYS];
    int terms = offset + RegisterRecord.REGISTRATION;
    payload.getBytes(terms + TermsLayout.BUYER_KEY, keys);
    secure(payload, terms + TermsLayout.OUTPOINT, new Secured(identity, keys));
  }

  /** A deposit stands behind the escrow with this outpoint. */
  private void secure(DirectBuffer buffer, int outpoint, Secured deposit) {
    byEscrow.put(escrow.of(0, buffer, outpoint, Outpoint.LENGTH), deposit);
  }

  /** A DOUBLE_SPEND record's payload, whose claim is well-formed. */
  void prove(long position, DirectBuffer payload, int offset) {
    proven(position, payload, offset + DoubleSpendRecord.CLAIM + TermsLayout.OUTPOINT);
  }

  /** A double-spend of the escrow with this outpoint is proven by the record at a position. */
  private void proven(long position, DirectBuffer buffer, int outpoint) {
    Secured deposit = byEscrow.get(escrow.of(0, buffer, outpoint, Outpoint.LENGTH));
    if (deposit != null) {
      byProof.put(position, deposit);
    }
  }

  /** Folds one penalty record. */
  void apply(RecordType type, byte[] payload, Objections objections) {
    PenaltyRecord entry;
    try {
      entry = PenaltyRecord.decode(type, payload);
    } catch (RuntimeException e) {
      objections.find(AuditFinding.PENALTY_MALFORMED, String.valueOf(e.getMessage()));
      stateStopped = true;
      return;
    }
    check(entry, objections);
    fold(entry, objections);
  }

  /**
   * Takes over what the records before the first one that is there led to.
   *
   * @param ledger at the last record before
   * @param before the penalty's own state there; empty when it is not known
   */
  void adopt(Ledger ledger, Optional<PenaltyState> before) {
    adoptedAt = ledger.lastPosition();
    ledger.forEachOutput(
        (outpoint, funded, spent) ->
            ledger.view().lookup(Outpoint.decode(outpoint)).ifPresent(this::adopt));
    stateStopped = before.isEmpty();
    state = before.orElse(state);
  }

  private void adopt(EscrowInfo info) {
    if (info.deposit().isEmpty()) {
      return;
    }
    byte[] identity = Arrays.copyOf(info.deposit().get().deposit().encode(), IDENTITY);
    byte[] keys = new byte[KEYS];
    info.terms().buyerKey().copyTo(keys, 0);
    info.terms().vtsKey().copyTo(keys, PublicKey.LENGTH);
    UnsafeBuffer outpoint = new UnsafeBuffer(info.terms().outpoint().encode());
    secure(outpoint, 0, new Secured(identity, keys));
    if (info.doubleSpendPosition() != 0) {
      proven(info.doubleSpendPosition(), outpoint, 0);
    }
  }

  private void fold(PenaltyRecord entry, Objections objections) {
    if (stateStopped) {
      return;
    }
    try {
      state.apply(entry);
    } catch (RuntimeException e) {
      objections.find(AuditFinding.PENALTY_ORDER, String.valueOf(e.getMessage()));
      stateStopped = true;
    }
  }

  private void check(PenaltyRecord entry, Objections objections) {
    Secured deposit = byProof.get(entry.proof());
    if (deposit == null && entry.proof() <= adoptedAt) {
      unknownProofs++;
      return;
    }
    if (deposit == null) {
      objections.find(
          AuditFinding.BURN_WITHOUT_PROOF,
          "position " + entry.proof() + " is no proof on an escrow with a deposit");
      return;
    }
    if (entry instanceof PenaltyRecord.BurnStored stored) {
      if (!deposit.hasPair(stored.content().pair())) {
        objections.find(
            AuditFinding.BURN_DIFFERS, "the deposit behind the proof at " + entry.proof());
      }
      checkAccount(stored, objections);
    } else if (entry instanceof PenaltyRecord.DepositGone gone
        && !deposit.isOf(gone.outpoint(), gone.value())) {
      objections.find(
          AuditFinding.BURN_DIFFERS, "not the deposit behind the proof at " + entry.proof());
    }
  }

  /** The deposit's input and output come first; beside them only fee coins and change. */
  private static void checkAccount(PenaltyRecord.BurnStored stored, Objections objections) {
    BurnPair pair = stored.content().pair();
    Transaction tx = Transaction.read(stored.content().raw());
    byte[] script = tx.txOut.getFirst().publicKeyScript.toByteArray();
    if (!Arrays.equals(script, Deposit.burnScript())) {
      objections.find(AuditFinding.BURN_DIFFERS, "the first output does not burn");
    }
    long coins = 0;
    for (FeeCoin coin : stored.content().feeCoins()) {
      coins = Math.addExact(coins, coin.value());
    }
    long rest = 0;
    for (int i = 1; i < tx.txOut.size(); i++) {
      rest = Math.addExact(rest, tx.txOut.get(i).amount.toLong());
    }
    int inputs = 1 + stored.content().feeCoins().size();
    if (tx.txIn.size() != inputs || rest != stored.content().change()) {
      objections.find(
          AuditFinding.BURN_ACCOUNT,
          "%d inputs of %d + %d satoshi, %d inputs named; %d return, %d named"
              .formatted(
                  tx.txIn.size(), pair.value(), coins, inputs, rest, stored.content().change()));
    }
  }
}
