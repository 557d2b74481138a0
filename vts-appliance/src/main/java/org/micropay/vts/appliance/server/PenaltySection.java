package org.micropay.vts.appliance.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.settlement.PenaltyState;
import org.micropay.vts.ticket.ClaimLayout;

/**
 * Burns of deposits as far as they had come, and the double-spend proofs without a burn.
 *
 * <pre>
 *  proofs u32 | proofs x ( position u64 | length u32 | canonical second claim )
 *  | the penalty's records, see {@link RecordLog}; big-endian
 * </pre>
 */
final class PenaltySection implements StateSection {
  private final boolean keepsRecords;
  private final PenaltyState state = new PenaltyState();
  private final RecordLog records = new RecordLog();
  private final Map<Long, byte[]> proofs = new TreeMap<>();

  /** {@code keepsRecords}: for a snapshot to come. */
  PenaltySection(boolean keepsRecords) {
    this.keepsRecords = keepsRecords;
  }

  PenaltyState state() {
    return state;
  }

  /** Canonical second claims of proofs without a burn, by position. */
  Map<Long, byte[]> unburned() {
    proofs.keySet().removeIf(position -> !state.needs(position));
    return proofs;
  }

  @Override
  public String name() {
    return "penalty";
  }

  @Override
  public int version() {
    return 1;
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
    } else if (type.isPenalty()) {
      byte[] bytes = new byte[length];
      payload.getBytes(offset, bytes);
      fold(type, bytes);
    }
  }

  private void fold(RecordType type, byte[] payload) {
    state.apply(PenaltyRecord.decode(type, payload));
    if (keepsRecords) {
      records.add(type, payload);
    }
  }

  /** The proofs' own records are read again when a proof's way to settlement overflows. */
  @Override
  public long floor() {
    return unburned().isEmpty() ? Long.MAX_VALUE : proofs.keySet().iterator().next();
  }

  @Override
  public void write(OutputStream out) throws IOException {
    if (!keepsRecords) {
      throw new IllegalStateException("this section was not made for a snapshot");
    }
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(unburned().size());
    for (Map.Entry<Long, byte[]> proof : proofs.entrySet()) {
      data.writeLong(proof.getKey());
      data.writeInt(proof.getValue().length);
      data.write(proof.getValue());
    }
    records.writeTo(data);
  }

  @Override
  public void read(int version, InputStream in) throws IOException {
    StateSection.requireVersion(name(), version(), version);
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
    RecordLog.read(data, this::fold);
  }
}
