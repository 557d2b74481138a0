package org.micropay.vts.appliance.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.agrona.DirectBuffer;
import org.agrona.collections.LongArrayList;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.settlement.SettlementState;

/**
 * Settlement's state, and the positions of grants whose settlement is not final. The first version
 * of its bytes holds settlement's own records, in order: whatever settlement folds from them, now
 * or in a later version, comes back.
 *
 * <pre>
 *  grants u64 | grants x position u64, rising
 *  | settlement's records, see {@link RecordLog}; big-endian
 * </pre>
 */
final class SettlementSection implements StateSection {
  private static final int FIRST_PRUNING = 1 << 16;

  private final boolean keepsRecords;
  private final SettlementState state = new SettlementState();
  private final RecordLog records = new RecordLog();
  private final LongArrayList grants = new LongArrayList();
  private int pruneAt = FIRST_PRUNING;

  /** {@code keepsRecords}: for a snapshot to come. */
  SettlementSection(boolean keepsRecords) {
    this.keepsRecords = keepsRecords;
  }

  SettlementState state() {
    return state;
  }

  /** Positions of grants that settlement still needs, rising. */
  LongArrayList unsettled() {
    prune();
    return grants;
  }

  @Override
  public String name() {
    return "settlement";
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
    if (type == RecordType.GRANT) {
      grants.addLong(position);
      if (grants.size() >= pruneAt) {
        prune();
        pruneAt = Math.max(FIRST_PRUNING, 2 * grants.size());
      }
    } else if (type.isSettlement()) {
      byte[] bytes = new byte[length];
      payload.getBytes(offset, bytes);
      fold(type, bytes);
    }
  }

  private void fold(RecordType type, byte[] payload) {
    state.apply(SettlementRecord.decode(type, payload));
    if (keepsRecords) {
      records.add(type, payload);
    }
  }

  private void prune() {
    int kept = 0;
    for (int i = 0; i < grants.size(); i++) {
      long position = grants.getLong(i);
      if (state.needs(position)) {
        grants.setLong(kept++, position);
      }
    }
    while (grants.size() > kept) {
      grants.removeAt(grants.size() - 1);
    }
  }

  @Override
  public long floor() {
    prune();
    return grants.isEmpty() ? Long.MAX_VALUE : grants.getLong(0);
  }

  @Override
  public void write(OutputStream out) throws IOException {
    if (!keepsRecords) {
      throw new IllegalStateException("this section was not made for a snapshot");
    }
    prune();
    DataOutputStream data = new DataOutputStream(out);
    data.writeLong(grants.size());
    for (int i = 0; i < grants.size(); i++) {
      data.writeLong(grants.getLong(i));
    }
    records.writeTo(data);
  }

  @Override
  public void read(int version, InputStream in) throws IOException {
    StateSection.requireVersion(name(), version(), version);
    DataInputStream data = new DataInputStream(in);
    long count = data.readLong();
    for (long i = 0; i < count; i++) {
      grants.addLong(data.readLong());
    }
    RecordLog.read(data, this::fold);
  }
}
