package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalArchive;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.journal.RollPeriod;
import org.micropay.vts.journal.SnapshotHead;
import org.micropay.vts.journal.SnapshotStore;
import org.micropay.vts.journal.SnapshotWriter;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.pipeline.AnsweredSlots;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.pipeline.ReplyPort;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.ProvenDoubleSpend;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;

/** Every proof that the reply stage tells of reaches settlement, also past a full buffer. */
class ProofFeedTest {
  private static final byte[] IDENTITY = new byte[Bytes32.LENGTH];
  private static final int TIP = 200;
  private static final int REFUND_HEIGHT = 10_000;

  /** Room for eight positions. */
  private static final int SMALL_BUFFER = 128;

  private static final int MOST_STEPS = 1_000;

  @TempDir Path temp;
  private final SecretKey vtsKey = SecretKey.generate();
  private final List<Long> settled = new ArrayList<>();
  private final List<Long> passedOn = new ArrayList<>();
  private boolean settlementIsFull;
  private JournalPlaces places;
  private Ledger ledger;
  private Claim second;
  private ChronicleJournal journal;
  private ProofFeed feed;

  @BeforeEach
  void start() {
    places = new JournalPlaces(temp.resolve("journal"), temp.resolve("archive"));
    TestEscrow escrow =
        TestEscrow.draft(PublicKey.of(vtsKey.publicKey()), REFUND_HEIGHT)
            .at(new Outpoint(Bytes32.ZERO, 1));
    second = escrow.winner();
    ledger = ledger(escrow);
    open();
    append(RecordType.TICK, new byte[0]);
  }

  @AfterEach
  void stop() {
    journal.close();
    ledger.close();
    vtsKey.close();
  }

  /** One escrow with a deposit behind it. */
  private Ledger ledger(TestEscrow escrow) {
    PublicKey key = PublicKey.of(vtsKey.publicKey());
    LedgerPolicy policy =
        new LedgerPolicy(Network.REGTEST.magic(), key, 4, 4, 1, 10, 1L << 40, 100, 0, 1, 2);
    Ledger made = Ledger.create(policy);
    made.configure(1, 1, policy);
    Bytes32 tip = Bytes32.fromHex("0b".repeat(Bytes32.LENGTH));
    made.blockConnected(2, 1, TIP, tip, Bytes32.ZERO);
    Deposit deposit =
        TicketSigner.deposit(
            escrow.key(),
            escrow.terms(),
            new Outpoint(Bytes32.ZERO, 2),
            400_000,
            REFUND_HEIGHT + 1,
            2_000);
    assertEquals(
        AnswerCode.REGISTERED.number(),
        made.register(
            3,
            1,
            TicketSigner.registration(escrow.key(), escrow.terms(), Optional.of(deposit)),
            TIP - 10,
            TIP - 10,
            tip));
    return made;
  }

  private void open() {
    journal =
        ChronicleJournal.open(
            new JournalConfig(places.journal(), IDENTITY, RollPeriod.HOURLY, 0, 4 << 20));
    feed =
        new ProofFeed(
            SMALL_BUFFER,
            new Replies(),
            places,
            journal::durablePosition,
            vtsKey,
            ledger.view(),
            this::settle,
            Map.of());
  }

  private final class Replies implements ReplyPort {
    @Override
    public void onReply(ClaimSlot slot) {
      passedOn.add(slot.receiptPosition());
    }

    @Override
    public void endOfBatch() {
      // Nothing is sent.
    }
  }

  private boolean settle(ProvenDoubleSpend proof) {
    if (settlementIsFull) {
      return false;
    }
    assertEquals(second.terms(), proof.terms());
    settled.add(proof.position());
    return true;
  }

  private long append(RecordType type, byte[] payload) {
    long position = journal.nextPosition();
    journal.append(position, type.number(), 1, new UnsafeBuffer(payload), 0, payload.length);
    journal.sync();
    return position;
  }

  /** Journals a proof, and tells of it as the reply stage does. */
  private long prove() {
    byte[] claim = second.encode();
    byte[] payload = new byte[DoubleSpendRecord.CLAIM + claim.length];
    System.arraycopy(claim, 0, payload, DoubleSpendRecord.CLAIM, claim.length);
    long position = append(RecordType.DOUBLE_SPEND, payload);
    tell(position);
    return position;
  }

  private void tell(long position) {
    feed.onReply(AnsweredSlots.of(AnswerCode.DOUBLE_SPEND, position));
  }

  private void run() {
    int idle = 0;
    for (int steps = 0; idle < 2; steps++) {
      assertTrue(steps < MOST_STEPS, "it comes to no end");
      idle = feed.doWork() == 0 ? idle + 1 : 0;
    }
  }

  @Test
  void shouldReadFromTheJournalWhatDidNotFit() {
    long first = prove();
    long last = first;
    for (int i = 0; i < 30; i++) {
      append(RecordType.TICK, new byte[0]);
      last = prove();
    }
    run();
    List<Long> wanted = new ArrayList<>();
    for (long at = first; at <= last; at += 2) {
      wanted.add(at);
    }
    assertEquals(wanted, settled.stream().distinct().sorted().toList());
    // And the buffer serves again.
    settled.clear();
    long next = prove();
    run();
    assertEquals(List.of(next), settled);
  }

  /** What comes while the reply stage leaves proofs out is in the journal, not in the buffer. */
  @Test
  void shouldNotLoseAProofBetweenTheBufferAndTheJournal() {
    List<Long> told = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      told.add(prove());
    }
    settlementIsFull = true;
    feed.doWork();
    // The buffer has room again, and settlement has not read what was left out.
    for (int i = 0; i < 12; i++) {
      told.add(prove());
    }
    settlementIsFull = false;
    run();
    assertEquals(told, settled.stream().distinct().sorted().toList());
  }

  @Test
  void shouldKeepWhatSettlementDoesNotTake() {
    settlementIsFull = true;
    long first = prove();
    run();
    long next = prove();
    run();
    assertEquals(List.of(), settled);
    settlementIsFull = false;
    run();
    assertEquals(List.of(first, next), settled);
  }

  @Test
  void shouldPassAFloodOfOneProofOnOnce() {
    long proof = prove();
    for (int i = 0; i < 100; i++) {
      tell(proof);
    }
    feed.onReply(AnsweredSlots.of(AnswerCode.GRANTED, 1));
    run();
    assertEquals(List.of(proof), settled);
    assertEquals(102, passedOn.size(), "every answer goes on its way");
    tell(proof);
    run();
    assertEquals(List.of(proof), settled, "remembered");
  }

  /** After a restart the double-spend is answered again; its record is in the archive by then. */
  @Test
  void shouldFindAProofThatWasArchived() {
    List<Long> proofs = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      proofs.add(prove());
    }
    journal.close();
    open();
    archive(append(RecordType.TICK, new byte[0]));
    assertTrue(JournalReader.firstPosition(places.journal()) > proofs.getLast());
    // Two more than fit: the first ones come through the buffer, the others are read on from there.
    proofs.forEach(this::tell);
    run();
    assertEquals(proofs, settled.stream().distinct().sorted().toList());
  }

  private void archive(long floor) {
    try (JournalReader reader = JournalReader.openNear(places.journal(), floor)) {
      reader.next((position, type, time, payload, offset, length) -> {});
      SnapshotHead head = new SnapshotHead(IDENTITY, reader.point(), reader.location(), 1, floor);
      Path path = new SnapshotStore(places.journal()).fileFor(floor);
      try (SnapshotWriter writer = SnapshotWriter.create(path, head)) {
        writer.commit();
      }
    }
    JournalArchive.move(
        places.journal(), places.archive(), Long.MAX_VALUE, JournalArchive.Form.GZIP);
  }
}
