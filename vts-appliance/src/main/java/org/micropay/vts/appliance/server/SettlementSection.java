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
import org.micropay.vts.settlement.SettlementSnapshot;
import org.micropay.vts.settlement.SettlementState;

/**
 * Settlement's state, and the positions of grants whose settlement is not final.
 *
 * <pre>
 *  version 2:  see {@link SettlementSnapshot}: the state alone
 *  version 1:  grants u64 | grants x position u64, rising
 *              | settlement's records from the first on, see {@link RecordLog}; big-endian
 * </pre>
 */
final class SettlementSection implements StateSection {
  private static final int FIRST_PRUNING = 1 << 16;

  private SettlementState state = new SettlementState();
  private LongArrayList grants = new LongArrayList();
  private long through;
  private int pruneAt = FIRST_PRUNING;

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
    through = position;
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
    SettlementRecord entry = SettlementRecord.decode(type, payload);
    state.apply(entry);
    if (entry instanceof SettlementRecord.BatchUnconfirmed undone) {
      // Its claims may have been final, and so left out.
      state.claimsOf(undone.batch()).forEach(this::include);
    }
  }

  private void include(long position) {
    int at = grants.size();
    while (at > 0 && grants.getLong(at - 1) >= position) {
      at--;
    }
    if (at == grants.size() || grants.getLong(at) != position) {
      grants.addLong(at, position);
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
    state.compact(through, grants);
  }

  @Override
  public long floor() {
    prune();
    return grants.isEmpty() ? Long.MAX_VALUE : grants.getLong(0);
  }

  @Override
  public void write(OutputStream out) throws IOException {
    prune();
    SettlementSnapshot.write(state, through, grants, new DataOutputStream(out));
  }

  @Override
  public void restored(long position) {
    through = position;
  }

  @Override
  public void read(int version, InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(in);
    if (version == 1) {
      readRecords(data);
      return;
    }
    StateSection.requireVersion(name(), version(), version);
    SettlementSnapshot.Restored restored = SettlementSnapshot.read(data);
    state = restored.state();
    grants = restored.open();
  }

  private void readRecords(DataInputStream in) throws IOException {
    for (long left = in.readLong(); left > 0; left--) {
      grants.addLong(in.readLong());
    }
    RecordLog.read(in, this::fold);
  }
}
