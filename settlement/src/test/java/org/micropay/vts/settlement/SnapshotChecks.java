package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.agrona.collections.LongArrayList;

/** A snapshot at any place of a history, and the records behind it, are as good as all records. */
final class SnapshotChecks {
  private SnapshotChecks() {}

  /** Grants have the positions 1 to {@code grants}, and all of them came before the cut. */
  static void assertRestores(List<SettlementRecord> history, int cut, int grants) {
    SettlementState whole = fold(new SettlementState(), history);
    SettlementState before = fold(new SettlementState(), history.subList(0, cut));
    byte[] bytes = write(before, grants);
    SettlementState restored = read(bytes);
    assertEquals(before, restored);
    assertArrayEquals(bytes, write(restored, grants), "a snapshot of what came from a snapshot");
    fold(restored, history.subList(cut, history.size()));
    assertEquals(whole, restored);
    assertEquals(whole.totals(), restored.totals());
    for (long position = 1; position <= grants; position++) {
      assertEquals(whole.needs(position), restored.needs(position), "claim " + position);
    }
    assertArrayEquals(write(whole, grants), write(restored, grants));
  }

  static byte[] write(SettlementState state, int grants) {
    LongArrayList open = new LongArrayList();
    for (long position = 1; position <= grants; position++) {
      if (state.needs(position)) {
        open.addLong(position);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      SettlementSnapshot.write(state, grants, open, new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static SettlementState read(byte[] bytes) {
    ByteArrayInputStream in = new ByteArrayInputStream(bytes);
    try {
      SettlementState state = SettlementSnapshot.read(new DataInputStream(in)).state();
      assertEquals(0, in.available());
      return state;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static SettlementState fold(SettlementState state, List<SettlementRecord> records) {
    records.forEach(state::apply);
    return state;
  }

  /** The same of the penalty, at every place. */
  static void assertRestores(List<PenaltyRecord> history) {
    PenaltyState whole = new PenaltyState();
    history.forEach(whole::apply);
    PenaltyState before = new PenaltyState();
    for (int cut = 0; cut <= history.size(); cut++) {
      PenaltyState restored = read(before);
      assertEquals(before, restored);
      history.subList(cut, history.size()).forEach(restored::apply);
      assertEquals(whole, restored);
      assertEquals(whole.totals(), restored.totals());
      if (cut < history.size()) {
        before.apply(history.get(cut));
      }
    }
  }

  static byte[] write(PenaltyState state) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      PenaltySnapshot.write(state, new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static PenaltyState read(PenaltyState state) {
    try {
      return PenaltySnapshot.read(new DataInputStream(new ByteArrayInputStream(write(state))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
