package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.journal.RollPeriod;
import org.micropay.vts.journal.SnapshotFile;
import org.micropay.vts.journal.SnapshotHead;
import org.micropay.vts.journal.SnapshotStore;
import org.micropay.vts.journal.SnapshotWriter;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.BlockRef;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;

/**
 * A snapshot of another program, or with a part changed: refused by name, and recovery goes on from
 * the journal.
 */
class ServerStateTest {
  private static final byte[] IDENTITY = new byte[Bytes32.LENGTH];
  private static final ServerState.StateSizes SIZES = new ServerState.StateSizes(4, 4);
  private static final int UNKNOWN = 900;
  private static final long NOW = 1_700_000_000_000L;

  @TempDir Path temp;
  private Path journal;
  private LedgerPolicy policy;
  private SnapshotFile good;
  private Map<String, Part> held;

  private record Part(int version, byte[] bytes) {}

  @BeforeEach
  void write() {
    journal = temp.resolve("journal");
    try (SecretKey key = SecretKey.generate()) {
      PublicKey vts = PublicKey.of(key.publicKey());
      policy = new LedgerPolicy(Network.REGTEST.magic(), vts, 4, 4, 1, 10, 60_000, 100, 0, 1, 2);
    }
    try (ChronicleJournal open = ChronicleJournal.open(config())) {
      append(open, RecordType.CONFIG, policy.encode());
      append(open, RecordType.BLOCK_CONNECTED, block(200, 2, 1));
      append(open, RecordType.BLOCK_CONNECTED, block(201, 3, 2));
      append(open, RecordType.BLOCK_DISCONNECTED, block(201, 3, 2));
    }
    good = SnapshotFile.open(take());
    held = partsOf(good);
  }

  private JournalConfig config() {
    return new JournalConfig(journal, IDENTITY, RollPeriod.HOURLY, 0, 4 << 20);
  }

  private static void append(ChronicleJournal to, RecordType type, byte[] payload) {
    to.append(to.nextPosition(), type.number(), NOW, new UnsafeBuffer(payload), 0, payload.length);
    to.sync();
  }

  private static Bytes32 hash(int number) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    bytes[0] = (byte) number;
    return Bytes32.of(bytes);
  }

  private static byte[] block(int height, int hash, int parent) {
    UnsafeBuffer payload = new UnsafeBuffer(new byte[BlockRecord.LENGTH]);
    BlockRecord.encode(payload, 0, height, hash(hash), hash(parent));
    return payload.byteArray();
  }

  private Path take() {
    return new Snapshotter(journal, null, 4, 4, 3, ReplayHashes.jdk())
        .take(JournalReader.durablePosition(journal), null, position -> {})
        .path();
  }

  private static Map<String, Part> partsOf(SnapshotFile file) {
    Map<String, Part> parts = new LinkedHashMap<>();
    for (SnapshotFile.Section section : file.sections()) {
      file.read(
          section, in -> parts.put(section.name(), new Part(section.version(), in.readAllBytes())));
    }
    return parts;
  }

  /** What the snapshot held before a test wrote another one in its place, by section. */
  private Map<String, Part> parts() {
    return new LinkedHashMap<>(held);
  }

  /** A whole snapshot of this journal with these sections. */
  private SnapshotFile rewritten(SnapshotHead head, Map<String, Part> parts) throws IOException {
    Path path = new SnapshotStore(journal).fileFor(head.point().position());
    Files.deleteIfExists(path);
    try (SnapshotWriter writer = SnapshotWriter.create(path, head)) {
      parts.forEach(
          (name, part) -> writer.section(name, part.version(), out -> out.write(part.bytes())));
      writer.commit();
    }
    return SnapshotFile.open(path);
  }

  private void assertNotLoaded(Map<String, Part> parts, String... words) throws IOException {
    SnapshotFile changed = rewritten(good.head(), parts);
    RuntimeException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ServerState.load(changed, SIZES, ReplayHashes.jdk()).close());
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage() + " lacks '" + word + "'");
    }
  }

  private void assertLeftAside(SnapshotHead head, Map<String, Part> parts, String why)
      throws IOException {
    rewritten(head, parts);
    try (Recovery.Recovered back =
        Recovery.run(config(), policy, ReplayHashes.jdk(), NOW + 1_000)) {
      assertEquals(0, back.snapshotPosition(), "from the first record");
      String report = String.join("\n", back.report());
      assertTrue(report.contains("left aside") && report.contains(why), report);
      assertEquals(List.of(200), back.recentBlocks().stream().map(BlockRef::height).toList());
    }
  }

  @Test
  void shouldWriteWhatItReads() {
    try (ServerState state = ServerState.load(good, SIZES, ReplayHashes.jdk())) {
      assertEquals(4, state.position());
      assertEquals(NOW, state.timeMillis());
      Path again = temp.resolve("again");
      try (SnapshotWriter writer = SnapshotWriter.create(again, good.head())) {
        state.write(writer);
        writer.commit();
      }
      Map<String, Part> after = partsOf(SnapshotFile.open(again));
      assertEquals(held.keySet(), after.keySet());
      held.forEach((name, part) -> assertArrayEquals(part.bytes(), after.get(name).bytes(), name));
    }
  }

  @Test
  void shouldNameASectionOfAVersionThatItDoesNotKnow() throws IOException {
    for (String name : parts().keySet()) {
      Map<String, Part> changed = parts();
      changed.computeIfPresent(name, (key, part) -> new Part(UNKNOWN, part.bytes()));
      assertNotLoaded(changed, name, "version " + UNKNOWN, "this program reads");
    }
    Map<String, Part> later = parts();
    later.computeIfPresent("blocks", (key, part) -> new Part(UNKNOWN, part.bytes()));
    assertLeftAside(good.head(), later, "section blocks has version " + UNKNOWN);
  }

  @Test
  void shouldNameASectionThatIsMissingOrUnknown() throws IOException {
    for (String name : parts().keySet()) {
      Map<String, Part> changed = parts();
      changed.remove(name);
      assertNotLoaded(changed, "lacks section " + name);
    }
    Map<String, Part> more = parts();
    more.put("from-tomorrow", new Part(1, new byte[10]));
    assertLeftAside(good.head(), more, "has unknown sections [from-tomorrow]");
  }

  @Test
  void shouldRefuseALedgerOfAnotherPosition() throws IOException {
    SnapshotHead head = good.head();
    try (JournalReader reader = JournalReader.openNear(journal, 3)) {
      reader.next(FrameHandler.NONE);
      SnapshotHead early =
          new SnapshotHead(IDENTITY, reader.point(), reader.location(), NOW, head.floor() - 1);
      Map<String, Part> parts = parts();
      Files.delete(good.path());
      assertLeftAside(early, parts, "is of position 3, its ledger of 4");
    }
  }
}
