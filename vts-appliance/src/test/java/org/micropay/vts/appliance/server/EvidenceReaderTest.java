package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.server.EvidenceReader.Selector;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalArchive;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.journal.RollPeriod;
import org.micropay.vts.journal.SnapshotHead;
import org.micropay.vts.journal.SnapshotStore;
import org.micropay.vts.journal.SnapshotWriter;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.DoubleSpendEvidence;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/** Evidence whose first records were moved to the archive. */
class EvidenceReaderTest {
  private static final Bytes32 IDENTITY = Bytes32.fromHex("0d".repeat(32));
  private static final CompactSignature SIGNATURE =
      CompactSignature.fromHex(("00".repeat(31) + "01").repeat(2));

  @TempDir Path temp;
  private Terms terms;
  private Path journal;
  private JournalPlaces both;
  private long proof;

  /** Registration and grant in the first epoch, which is archived, the proof in the second. */
  @BeforeEach
  void write() {
    terms = terms();
    journal = temp.resolve("journal");
    both = new JournalPlaces(journal, temp.resolve("archive"));
    Registration registration = new Registration(terms, Optional.empty(), SIGNATURE);
    byte[] register = new byte[RegisterRecord.REGISTRATION + Registration.MIN_LENGTH];
    RegisterRecord.encode(new UnsafeBuffer(register), 0, registration, 1, 0, Bytes32.ZERO);
    long grant;
    try (ChronicleJournal first = open()) {
      append(first, RecordType.TICK, new byte[0]);
      append(first, RecordType.REGISTER, register);
      grant = append(first, RecordType.GRANT, claimed(claim(1), GrantRecord.CLAIM));
    }
    try (ChronicleJournal second = open()) {
      byte[] proven = claimed(claim(2), DoubleSpendRecord.CLAIM);
      Claim claim = claim(2);
      byte[] bytes = claim.encode();
      DoubleSpendRecord.encode(
          new UnsafeBuffer(proven),
          0,
          claim.id().toArray(),
          0,
          grant,
          new ClaimView().wrap(bytes, 0, bytes.length));
      proof = append(second, RecordType.DOUBLE_SPEND, proven);
    }
    archive();
  }

  private void archive() {
    try (JournalReader reader = JournalReader.openNear(journal, proof)) {
      reader.next((position, type, time, payload, offset, length) -> {});
      SnapshotHead head =
          new SnapshotHead(IDENTITY.toArray(), reader.point(), reader.location(), 1, proof);
      try (SnapshotWriter writer =
          SnapshotWriter.create(new SnapshotStore(journal).fileFor(proof), head)) {
        writer.commit();
      }
    }
    JournalArchive.move(journal, both.archive(), Long.MAX_VALUE, JournalArchive.Form.GZIP);
    assertEquals(proof, JournalReader.firstPosition(journal));
  }

  private ChronicleJournal open() {
    return ChronicleJournal.open(
        new JournalConfig(journal, IDENTITY.toArray(), RollPeriod.HOURLY, 0, 4 << 20));
  }

  private static long append(ChronicleJournal to, RecordType type, byte[] payload) {
    long position = to.nextPosition();
    to.append(position, type.number(), 1, new UnsafeBuffer(payload), 0, payload.length);
    to.sync();
    return position;
  }

  private static Terms terms() {
    try (SecretKey buyer = SecretKey.generate();
        SecretKey vts = SecretKey.generate()) {
      return new Terms(
          Network.REGTEST.magic(),
          new Outpoint(Bytes32.fromHex("0a".repeat(32)), 1),
          100_000,
          90_000,
          1,
          500,
          PublicKey.of(buyer.publicKey()),
          PublicKey.of(vts.publicKey()));
    }
  }

  private Claim claim(int number) {
    Bytes16 r1 = Bytes16.fromHex("0" + number + "00".repeat(15));
    Opening opening = new Opening(r1, r1);
    return new Claim(
        terms,
        opening.commitment(),
        opening,
        r1,
        1_000,
        PayoutScript.fromHex("0014" + "0b".repeat(20)),
        SIGNATURE,
        SIGNATURE);
  }

  private static byte[] claimed(Claim claim, int claimAt) {
    byte[] bytes = claim.encode();
    byte[] payload = new byte[claimAt + bytes.length];
    claim.id().copyTo(payload, 0);
    System.arraycopy(bytes, 0, payload, claimAt, bytes.length);
    return payload;
  }

  private void assertWhole(DoubleSpendEvidence evidence) {
    assertEquals(claim(1), evidence.grant().claim());
    assertEquals(claim(2), evidence.second().claim());
    assertEquals(terms, evidence.registration().terms());
  }

  @Test
  void shouldFindAProofWhoseGrantIsInTheArchive() {
    assertWhole(
        EvidenceReader.find(both, new Selector.AtPosition(proof), position -> {}).orElseThrow());
    JournalException alone =
        assertThrows(
            JournalException.class,
            () ->
                EvidenceReader.find(
                    JournalPlaces.of(journal), new Selector.AtPosition(proof), position -> {}));
    assertEquals(JournalException.Reason.NOT_ACCESSIBLE, alone.reason());
  }

  @Test
  void shouldReadTheRecordsThatTheLedgerNamesFromTheArchive() {
    EscrowInfo escrow =
        new EscrowInfo(terms, 2, 1, 1, 0, 3, Optional.of(claim(1).id()), proof, Optional.empty());
    assertWhole(EvidenceReader.at(both, escrow, proof).orElseThrow());
  }
}
