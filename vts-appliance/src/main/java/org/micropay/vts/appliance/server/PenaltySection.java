package org.micropay.vts.appliance.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.agrona.DirectBuffer;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.settlement.PenaltySnapshot;
import org.micropay.vts.settlement.PenaltyState;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Terms;

/**
 * Burns of deposits as far as they had come, and the double-spend proofs that may still lead to
 * one: not those on escrows without a deposit, nor later ones against the same deposit.
 *
 * <pre>
 *  proofs u32 | proofs x ( position u64 | length u32 | canonical second claim )
 *  version 2:  | the state alone, see {@link PenaltySnapshot}
 *  version 1:  | the penalty's records from the first on, see {@link RecordLog}; big-endian
 * </pre>
 */
final class PenaltySection implements StateSection {
  private static final int FIRST_PRUNING = 1 << 10;

  private final Function<Terms, Optional<Outpoint>> deposits;
  private PenaltyState state = new PenaltyState();
  private final Map<Long, byte[]> proofs = new TreeMap<>();
  private int pruneAt = FIRST_PRUNING;

  /** {@code deposits}: what stands behind an escrow by the ledger, as of the records applied. */
  PenaltySection(Function<Terms, Optional<Outpoint>> deposits) {
    this.deposits = deposits;
  }

  PenaltyState state() {
    return state;
  }

  /** Canonical second claims of proofs that may still lead to a burn, by position. */
  Map<Long, byte[]> unburned() {
    proofs.entrySet().removeIf(proof -> !isNeeded(proof.getKey(), proof.getValue()));
    return proofs;
  }

  private boolean isNeeded(long position, byte[] claim) {
    return state.needs(position)
        && deposits
            .apply(Claim.decode(claim).terms())
            .filter(deposit -> !state.isBurntForAnother(position, deposit))
            .isPresent();
  }

  @Override
  public String name() {
    return "penalty";
  }

  @Override
  public int version() {
    return 2;
  }

  @Override
  public void apply(
      long position,
      RecordType type,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      int length) {
    if (type == RecordType.DOUBLE_SPEND) {
      byte[] claim = new byte[length - DoubleSpendRecord.CLAIM];
      payload.getBytes(offset + DoubleSpendRecord.CLAIM, claim);
      proofs.put(position, claim);
      if (proofs.size() >= pruneAt) {
        pruneAt = Math.max(FIRST_PRUNING, 2 * unburned().size());
      }
    } else if (type.isPenalty()) {
      byte[] bytes = new byte[length];
      payload.getBytes(offset, bytes);
      fold(type, bytes);
    }
  }

  private void fold(RecordType type, byte[] payload) {
    state.apply(PenaltyRecord.decode(type, payload));
  }

  /** The proofs' own records are read again when a proof's way to settlement overflows. */
  @Override
  public long floor() {
    return unburned().isEmpty() ? Long.MAX_VALUE : proofs.keySet().iterator().next();
  }

  @Override
  public void write(OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(unburned().size());
    for (Map.Entry<Long, byte[]> proof : proofs.entrySet()) {
      data.writeLong(proof.getKey());
      data.writeInt(proof.getValue().length);
      data.write(proof.getValue());
    }
    PenaltySnapshot.write(state, data);
  }

  @Override
  public void read(int version, InputStream in) throws IOException {
    if (version != 1) {
      StateSection.requireVersion(name(), version(), version);
    }
    DataInputStream data = new DataInputStream(in);
    int count = data.readInt();
    for (int i = 0; i < count; i++) {
      long position = data.readLong();
      int length = data.readInt();
      if (length < ClaimLayout.MIN_LENGTH || length > ClaimLayout.MAX_LENGTH) {
        throw new IllegalArgumentException("a proof with a claim of " + length + " bytes");
      }
      byte[] claim = new byte[length];
      data.readFully(claim);
      proofs.put(position, claim);
    }
    if (version == 1) {
      RecordLog.read(data, this::fold);
    } else {
      state = PenaltySnapshot.read(data);
    }
  }
}
