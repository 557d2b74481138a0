package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.collections.LongArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.JournalPoint;
import org.micropay.vts.journal.SnapshotFile;
import org.micropay.vts.journal.SnapshotHead;
import org.micropay.vts.journal.SnapshotWriter;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.PenaltySnapshot;
import org.micropay.vts.settlement.PenaltyState;
import org.micropay.vts.settlement.SettlementSnapshot;
import org.micropay.vts.settlement.SettlementState;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;

/** What an audit says of a snapshot that another version of the program wrote. */
class SnapshotStateTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final int UNKNOWN = 900;

  @TempDir Path temp;
  private int files;

  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  private static byte[] bytes(Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    body.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static byte[] ledger() throws IOException {
    try (SecretKey key = SecretKey.generate()) {
      PublicKey vts = PublicKey.of(key.publicKey());
      LedgerPolicy policy =
          new LedgerPolicy(Network.REGTEST.magic(), vts, 4, 4, 1, 10, 60_000, 100, 0, 1, 2);
      try (Ledger ledger = Ledger.create(policy)) {
        ledger.configure(1, NOW, policy);
        return bytes(
            out ->
                ledger.writeSnapshot(
                    (buffer, offset, length) -> {
                      byte[] part = new byte[length];
                      buffer.getBytes(offset, part);
                      try {
                        out.write(part);
                      } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                      }
                    }));
      }
    }
  }

  private static Map<String, byte[]> sections() throws IOException {
    Map<String, byte[]> sections = new TreeMap<>();
    sections.put("ledger", ledger());
    sections.put(
        "settlement",
        bytes(out -> SettlementSnapshot.write(new SettlementState(), 1, new LongArrayList(), out)));
    sections.put(
        "penalty",
        bytes(
            out -> {
              out.writeInt(0);
              PenaltySnapshot.write(new PenaltyState(), out);
            }));
    sections.put("log", new byte[0]);
    return sections;
  }

  /** A snapshot in which some sections have another version than the one that is known. */
  private SnapshotFile snapshot(Map<String, byte[]> sections, Map<String, Integer> versions) {
    Map<String, Integer> known = Map.of("ledger", 1, "settlement", 2, "penalty", 2, "log", 1);
    SnapshotHead head =
        new SnapshotHead(new byte[32], new JournalPoint(1, new byte[32]), null, NOW, 1);
    Path path = temp.resolve("snapshot-" + files++);
    try (SnapshotWriter writer = SnapshotWriter.create(path, head)) {
      sections.forEach(
          (name, bytes) ->
              writer.section(
                  name, versions.getOrDefault(name, known.get(name)), out -> out.write(bytes)));
      writer.commit();
    }
    return SnapshotFile.open(path);
  }

  private static SnapshotState load(SnapshotFile file) {
    SnapshotState state = SnapshotState.load(file);
    state.ledger().close();
    return state;
  }

  @Test
  void shouldTakeAllThatItKnows() throws IOException {
    SnapshotState state = load(snapshot(sections(), Map.of()));
    assertEquals(0, state.unread().size(), state.unread().toString());
    assertTrue(state.settlement().isPresent() && state.penalty().isPresent());
  }

  @Test
  void shouldSayWhichSectionOfWhichVersionItDidNotRead() throws IOException {
    for (String name : new String[] {"settlement", "penalty", "log"}) {
      SnapshotState state = load(snapshot(sections(), Map.of(name, UNKNOWN)));
      assertEquals(1, state.unread().size());
      String line = state.unread().getFirst();
      assertTrue(line.contains(name) && line.contains("version " + UNKNOWN), line);
      assertEquals(!name.equals("settlement"), state.settlement().isPresent(), name);
      assertEquals(!name.equals("penalty"), state.penalty().isPresent(), name);
      Map<String, byte[]> without = sections();
      without.remove(name);
      line = load(snapshot(without, Map.of())).unread().getFirst();
      assertTrue(line.contains(name) && line.contains("not there"), line);
    }
  }

  @Test
  void shouldRefuseALedgerThatItDoesNotKnow() throws IOException {
    SnapshotFile file = snapshot(sections(), Map.of("ledger", UNKNOWN));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> SnapshotState.load(file));
    assertTrue(e.getMessage().contains("section ledger: version 900"), e.getMessage());
    assertTrue(e.getMessage().contains("this program reads 1"), e.getMessage());
  }
}
