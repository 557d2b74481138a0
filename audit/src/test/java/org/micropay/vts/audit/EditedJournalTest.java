package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.micropay.vts.audit.HonestJournalTest.audit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.audit.JournalEdit.Entry;
import org.micropay.vts.audit.JournalEdit.Place;
import org.micropay.vts.audit.TestVts.Escrow;
import org.micropay.vts.audit.TestVts.Granted;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.settlement.Batch;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.TermsLayout;
import org.micropay.vts.transparency.CheckpointRecord;
import org.micropay.vts.transparency.Ed25519Signature;
import org.micropay.vts.transparency.Frontier;
import org.micropay.vts.transparency.LeafEncoder;

/**
 * Every way of editing a journal that we could think of, and the finding that names it. "Rewritten"
 * means that the operator recomputed positions, checksums and the whole hash chain after the edit.
 */
class EditedJournalTest {
  @TempDir static Path shared;
  private static Path honest;
  private static TestVts vts;
  private static List<Entry> entries;
  @TempDir Path folder;
  private int histories;

  /** One history for all tests: none of them writes to it. */
  @BeforeAll
  static void write() {
    honest = shared.resolve("honest");
    vts = new TestVts(honest, 11);
    vts.liveALittle(30);
    vts.openEpoch();
    vts.tick();
    vts.journal().close();
    entries = JournalEdit.entries(honest);
    assertEquals(List.of(), audit(honest).findings());
  }

  @AfterAll
  static void close() {
    vts.close();
  }

  // ---- helpers

  /** Position of the n-th record of a type, from 0. */
  private int position(RecordType type, int n) {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).is(type) && n-- == 0) {
        return i + 1;
      }
    }
    throw new AssertionError("no further " + type);
  }

  private Entry at(long position) {
    return entries.get((int) position - 1);
  }

  private static void assertFirst(AuditFinding code, long position, AuditReport report) {
    assertFalse(report.clean());
    Finding first = report.findings().getFirst();
    assertEquals(
        code + " at " + position,
        first.code() + " at " + first.position(),
        () -> report.findings().toString());
    assertFalse(first.file().isEmpty());
    assertFalse(first.detail().isEmpty());
  }

  /** The earliest finding is about this record, and one of them is this. */
  private static void assertNamed(AuditFinding code, long position, AuditReport report) {
    assertFalse(report.clean());
    assertEquals(position, report.findings().getFirst().position(), report.findings().toString());
    assertTrue(
        report.findings().stream().anyMatch(f -> f.code() == code && f.position() == position),
        report.findings().toString());
  }

  /** An audit of the journal written anew after an edit of its records. */
  private AuditReport rewritten(Consumer<List<Entry>> edit) {
    return rewritten(edit, List.of());
  }

  private AuditReport rewritten(Consumer<List<Entry>> edit, List<EarlierState> checkpoints) {
    List<Entry> copy = new ArrayList<>(entries);
    edit.accept(copy);
    Path journal =
        JournalEdit.rewrite(folder.resolve("rewritten"), TestVts.identity(vts.vtsPublic), copy);
    return Auditor.run(
        new AuditOptions(journal, Optional.empty(), checkpoints, Kernels.select(Kernels.AUTO), 2),
        AuditProgress.NONE);
  }

  private AuditReport rewrittenWith(long position, Entry other) {
    return rewritten(list -> list.set((int) position - 1, other));
  }

  private static byte[] changed(byte[] payload, int offset) {
    byte[] copy = payload.clone();
    copy[offset] ^= 1;
    return copy;
  }

  private Path copy() {
    Path copy = folder.resolve("copy");
    JournalEdit.copy(honest, copy);
    return copy;
  }

  /** The checkpoint that an auditor took of the honest journal. */
  private static Checkpoint checkpoint(Path journal) {
    AuditReport report = audit(journal);
    return new Checkpoint(
        report.checkpoint().position(), Bytes32.fromHex(report.checkpoint().chain()));
  }

  // ---- frames

  @Test
  void shouldNameEveryFlippedBit() {
    long seed = Seeds.seed("shouldNameEveryFlippedBit");
    SplittableRandom random = new SplittableRandom(seed);
    Path copy = copy();
    for (int i = 0; i < 60; i++) {
      long position = 1 + random.nextInt(entries.size());
      Place place = JournalEdit.place(copy, position);
      int bit = random.nextInt(place.length() * 8);
      JournalEdit.flip(place, bit);
      AuditReport report = audit(copy);
      assertFalse(report.clean(), "bit " + bit + " of record " + position);
      Finding first = report.findings().getFirst();
      assertEquals(position, first.position(), report.findings().toString());
      assertTrue(
          first.code() == AuditFinding.FRAME_CHECKSUM || first.code() == AuditFinding.FRAME_LENGTH,
          report.findings().toString());
      assertEquals(place.file().toString(), first.file());
      assertEquals(place.offset(), first.offset());
      JournalEdit.flip(place, bit);
    }
    assertEquals(List.of(), audit(copy).findings());
  }

  @Test
  void shouldNameAFrameThatWasChangedTogetherWithItsChecksum() {
    Path copy = copy();
    long position = position(RecordType.REGISTER, 1);
    Place place = JournalEdit.place(copy, position);
    ByteBuffer frame = JournalEdit.read(place);
    frame.put(FrameLayout.PAYLOAD_OFFSET, (byte) (frame.get(FrameLayout.PAYLOAD_OFFSET) ^ 1));
    JournalEdit.writeWithChecksum(place, frame);
    assertFirst(AuditFinding.HASH_CHAIN, position, audit(copy));
  }

  private AuditReport withField(long position, Consumer<ByteBuffer> edit) {
    Path copy = copy();
    Place place = JournalEdit.place(copy, position);
    ByteBuffer frame = JournalEdit.read(place);
    edit.accept(frame);
    JournalEdit.writeWithChecksum(place, frame);
    return audit(copy);
  }

  @Test
  void shouldNameAWrongPosition() {
    assertFirst(
        AuditFinding.POSITION, 5, withField(5, f -> f.putLong(FrameLayout.POSITION_OFFSET, 6)));
  }

  @Test
  void shouldNameAWrongEpoch() {
    assertFirst(AuditFinding.EPOCH, 5, withField(5, f -> f.putInt(FrameLayout.EPOCH_OFFSET, 9)));
  }

  @Test
  void shouldNameAnUnknownVersion() {
    assertFirst(
        AuditFinding.FRAME_VERSION,
        5,
        withField(5, f -> f.putShort(FrameLayout.VERSION_OFFSET, (short) 2)));
  }

  @Test
  void shouldNameAnImpossibleDurablePosition() {
    assertNamed(
        AuditFinding.DURABLE_MARK, 5, withField(5, f -> f.putLong(FrameLayout.DURABLE_OFFSET, 5)));
  }

  @Test
  void shouldNameTwoSwappedFrames() {
    Path copy = copy();
    int first = neighboursOfOneLength();
    Place one = JournalEdit.place(copy, first);
    Place two = JournalEdit.place(copy, first + 1);
    ByteBuffer kept = JournalEdit.read(one);
    JournalEdit.write(one.file(), one.offset(), JournalEdit.read(two));
    JournalEdit.write(two.file(), two.offset(), kept);
    assertFirst(AuditFinding.POSITION, first, audit(copy));
  }

  private static int neighboursOfOneLength() {
    for (int i = 1; i < entries.size(); i++) {
      if (entries.get(i).payload().length == entries.get(i - 1).payload().length) {
        return i;
      }
    }
    throw new AssertionError("no neighbours of one length");
  }

  @Test
  void shouldNameARemovedTail() {
    Path copy = copy();
    Place last = JournalEdit.place(copy, entries.size());
    JournalEdit.write(last.file(), last.offset() - 4, ByteBuffer.allocate(last.length() + 4));
    assertFirst(AuditFinding.RECORD_MISSING, entries.size(), audit(copy));
  }

  @Test
  void shouldNameAChangedHeadOfAnEpoch() {
    for (int offset : new int[] {12, 20, 50, 60, 90}) {
      Path copy = folder.resolve("head-" + offset);
      JournalEdit.copy(honest, copy);
      Path head = copy.resolve("epoch-00000002").resolve("epoch");
      ByteBuffer bytes = JournalEdit.read(head, offset, 1);
      bytes.put(0, (byte) (bytes.get(0) ^ 1));
      JournalEdit.write(head, offset, bytes);
      AuditReport report = audit(copy);
      assertFirst(AuditFinding.EPOCH_HEAD, report.findings().getFirst().position(), report);
    }
  }

  @Test
  void shouldNameAHeadThatWasChangedTogetherWithItsChecksum() {
    for (int offset : new int[] {12, 20, 60}) {
      Path copy = folder.resolve("head-" + offset);
      JournalEdit.copy(honest, copy);
      for (String epoch : new String[] {"epoch-00000001", "epoch-00000002"}) {
        Path edited = copy.resolve(epoch).resolve("epoch");
        ByteBuffer head = JournalEdit.read(edited, 0, 92).order(ByteOrder.LITTLE_ENDIAN);
        head.put(offset, (byte) (head.get(offset) ^ 1));
        CRC32C crc = new CRC32C();
        crc.update(head.array(), 0, 88);
        head.putInt(88, (int) crc.getValue());
        JournalEdit.write(edited, 0, head);
        AuditReport report = audit(copy);
        assertNamed(AuditFinding.EPOCH_HEAD, report.findings().getFirst().position(), report);
        JournalEdit.copy(honest, copy);
      }
    }
  }

  // ---- records, written anew

  @Test
  void shouldNameARemovedGrantByWhatFollows() {
    int grant = position(RecordType.GRANT, 0);
    AuditReport report = rewritten(list -> list.remove(grant - 1));
    assertFalse(report.clean());
    assertTrue(report.findings().getFirst().position() >= grant, report.findings().toString());
    assertTrue(
        report.findings().stream().anyMatch(f -> f.code() == AuditFinding.PAYMENT_WITHOUT_GRANT),
        report.findings().toString());
  }

  /** A history in which nothing refers to a grant but the state digests. */
  private AuditReport withoutReferences(Consumer<List<Entry>> edit) {
    Path journal = folder.resolve("grants-" + histories);
    try (TestVts plain = new TestVts(journal, 12)) {
      for (int i = 0; i < 12; i++) {
        plain.register(false);
        plain.decide(plain.claim(plain.newest()));
      }
      List<Entry> list = JournalEdit.entries(journal);
      edit.accept(list);
      return audit(
          JournalEdit.rewrite(
              folder.resolve("edited-" + histories++), TestVts.identity(plain.vtsPublic), list));
    }
  }

  private static int index(List<Entry> list, RecordType type, int n) {
    return IntStream.range(0, list.size())
        .filter(i -> list.get(i).is(type))
        .skip(n)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldNameARemovedGrantByTheNextDigest() {
    AuditReport report = withoutReferences(list -> list.remove(index(list, RecordType.GRANT, 0)));
    assertFirst(AuditFinding.STATE_DIGEST, 16, report);
  }

  @Test
  void shouldNameTwoSwappedGrantsByTheNextDigest() {
    AuditReport report =
        withoutReferences(
            list ->
                Collections.swap(
                    list,
                    index(list, RecordType.REGISTER, 2),
                    index(list, RecordType.REGISTER, 3)));
    assertFalse(report.clean());
    report =
        withoutReferences(
            list -> {
              // Both escrows registered first, so that each order of the grants is a valid one.
              list.add(
                  index(list, RecordType.GRANT, 1),
                  list.remove(index(list, RecordType.REGISTER, 2)));
              Collections.swap(
                  list, index(list, RecordType.GRANT, 1), index(list, RecordType.GRANT, 2));
            });
    assertFirst(AuditFinding.STATE_DIGEST, 17, report);
  }

  @Test
  void shouldNameASecondGrantWithValidSignatures() {
    Granted one = vts.granted.getFirst();
    Claim second = vts.claim(vts.escrowOf(one), Integer.MAX_VALUE);
    Entry tick = entries.getLast();
    AuditReport report =
        rewritten(
            list ->
                list.add(
                    new Entry(
                        RecordType.GRANT.number(),
                        tick.timeMillis(),
                        TestVts.grantPayload(second))));
    assertFirst(AuditFinding.SECOND_GRANT, entries.size() + 1, report);
    assertTrue(
        report.findings().stream().anyMatch(f -> f.code() == AuditFinding.DECISION),
        "the ledger sees it, too");
  }

  @Test
  void shouldNameAGrantBeforeItsRegistration() {
    Escrow stranger = vts.newEscrow(false, 1);
    Claim claim = vts.claim(stranger, Integer.MAX_VALUE);
    long time = entries.getLast().timeMillis();
    assertFirst(
        AuditFinding.UNREGISTERED,
        entries.size() + 1,
        rewritten(
            list ->
                list.add(new Entry(RecordType.GRANT.number(), time, TestVts.grantPayload(claim)))));
  }

  @Test
  void shouldNameAChangedType() {
    int register = position(RecordType.REGISTER, 1);
    AuditReport report = rewrittenWith(register, at(register).withType(RecordType.GRANT));
    assertFirst(AuditFinding.CLAIM_MALFORMED, register, report);
    int grant = position(RecordType.GRANT, 0);
    assertFalse(rewrittenAgain(grant, at(grant).withType(RecordType.DOUBLE_SPEND)).clean());
  }

  private AuditReport rewrittenAgain(long position, Entry other) {
    List<Entry> copy = new ArrayList<>(entries);
    copy.set((int) position - 1, other);
    return audit(
        JournalEdit.rewrite(folder.resolve("again"), TestVts.identity(vts.vtsPublic), copy));
  }

  @Test
  void shouldNameAnUnknownType() {
    assertFirst(
        AuditFinding.UNKNOWN_TYPE,
        4,
        rewrittenWith(4, new Entry(60_000, at(4).timeMillis(), at(4).payload())));
  }

  @Test
  void shouldNameTimeThatGoesBackwards() {
    int grant = position(RecordType.GRANT, 0);
    assertFirst(
        AuditFinding.TIME_BACKWARDS,
        grant,
        rewrittenWith(grant, at(grant).withTime(at(grant - 1).timeMillis() - 1)));
  }

  @Test
  void shouldNameAJournalWithoutItsFirstRecord() {
    assertFirst(AuditFinding.FIRST_RECORD, 1, rewritten(List::removeFirst));
  }

  @Test
  void shouldNameAnotherValidClaimOfTheSameEscrowByTheNextDigest() {
    Granted one = vts.granted.getFirst();
    Claim other = vts.claim(vts.escrowOf(one), Integer.MAX_VALUE);
    AuditReport report =
        rewrittenWith(one.position(), at(one.position()).withPayload(TestVts.grantPayload(other)));
    assertFalse(report.clean());
    assertTrue(
        report.findings().stream().anyMatch(f -> f.code() == AuditFinding.STATE_DIGEST),
        report.findings().toString());
  }

  @Test
  void shouldNameAClaimThatIsNotTheRecordedId() {
    Granted one = vts.granted.getFirst();
    byte[] payload = TestVts.grantPayload(vts.claim(vts.escrowOf(one), Integer.MAX_VALUE));
    one.claim().id().copyTo(payload, 0);
    assertFirst(
        AuditFinding.CLAIM_ID,
        one.position(),
        rewrittenWith(one.position(), at(one.position()).withPayload(payload)));
  }

  /** Changes a claim's bytes and records the id that follows from them. */
  private AuditReport withClaimByte(int offset) {
    Granted one = vts.granted.getFirst();
    Claim claim = Claim.decode(changed(one.claim().encode(), offset));
    return rewrittenWith(
        one.position(), at(one.position()).withPayload(TestVts.grantPayload(claim)));
  }

  @Test
  void shouldNameAWrongOpening() {
    long position = vts.granted.getFirst().position();
    assertFirst(AuditFinding.COMMITMENT, position, withClaimByte(ClaimLayout.S));
  }

  @Test
  void shouldNameAWrongTicketSignature() {
    long position = vts.granted.getFirst().position();
    assertFirst(AuditFinding.TICKET_SIGNATURE, position, withClaimByte(ClaimLayout.EXPIRY));
  }

  @Test
  void shouldNameAWrongSpendSignature() {
    Granted one = vts.granted.getFirst();
    int last = one.claim().encode().length - 1;
    assertFirst(AuditFinding.SPEND_SIGNATURE, one.position(), withClaimByte(last));
  }

  @Test
  void shouldNameALosingTicket() {
    Escrow escrow = vts.newEscrow(false, Integer.MAX_VALUE);
    Claim losing = vts.claim(escrow, Integer.MAX_VALUE);
    long time = entries.getLast().timeMillis();
    AuditReport report =
        rewritten(
            list ->
                list.add(new Entry(RecordType.GRANT.number(), time, TestVts.grantPayload(losing))));
    assertFirst(AuditFinding.LOSING_TICKET, entries.size() + 1, report);
  }

  @Test
  void shouldNameAWrongSignatureInADoubleSpendProof() {
    int proof = position(RecordType.DOUBLE_SPEND, 0);
    byte[] payload = at(proof).payload();
    assertFirst(
        AuditFinding.SPEND_SIGNATURE,
        proof,
        rewrittenWith(proof, at(proof).withPayload(changed(payload, payload.length - 1))));
  }

  @Test
  void shouldNameAProofThatPointsToAnotherGrant() {
    int proof = position(RecordType.DOUBLE_SPEND, 0);
    byte[] payload = changed(at(proof).payload(), DoubleSpendRecord.GRANT_POSITION);
    assertFirst(AuditFinding.PROOF, proof, rewrittenWith(proof, at(proof).withPayload(payload)));
  }

  @Test
  void shouldNameAProofWithTheGrantedClaimItself() {
    int proof = position(RecordType.DOUBLE_SPEND, 0);
    long grant = DoubleSpendRecord.grantPosition(new UnsafeBuffer(at(proof).payload()), 0);
    Claim granted =
        vts.granted.stream().filter(g -> g.position() == grant).findFirst().orElseThrow().claim();
    assertFirst(
        AuditFinding.PROOF,
        proof,
        rewrittenWith(proof, at(proof).withPayload(TestVts.proofPayload(granted, grant))));
  }

  @Test
  void shouldNameAChangedRegistration() {
    int register = position(RecordType.REGISTER, 1);
    byte[] payload =
        changed(at(register).payload(), RegisterRecord.REGISTRATION + TermsLayout.PAYOUT);
    assertFirst(
        AuditFinding.REGISTRATION_SIGNATURE,
        register,
        rewrittenWith(register, at(register).withPayload(payload)));
  }

  @Test
  void shouldNameAWrongBurnSignature() {
    int register = position(RecordType.REGISTER, 0);
    int burn = RegisterRecord.REGISTRATION + TermsLayout.LENGTH + 1 + 56 + 63;
    AuditReport report =
        rewrittenWith(register, at(register).withPayload(changed(at(register).payload(), burn)));
    assertFirst(AuditFinding.DEPOSIT_SIGNATURE, register, report);
  }

  @Test
  void shouldNameTermsThatAreNotTheRegisteredOnes() {
    // The registration of other terms on the same outpoint, rightly signed, in place of the first.
    Granted one = vts.granted.getFirst();
    Escrow escrow = vts.escrowOf(one);
    int register = registrationOf(escrow);
    Terms terms = escrow.terms();
    Terms other =
        new Terms(
            terms.network(),
            terms.outpoint(),
            terms.value(),
            terms.payout() - 1,
            terms.odds(),
            terms.refundHeight(),
            terms.buyerKey(),
            terms.vtsKey());
    byte[] payload = new byte[RegisterRecord.REGISTRATION + 195];
    System.arraycopy(at(register).payload(), 0, payload, 0, RegisterRecord.REGISTRATION);
    byte[] registration =
        new Registration(
                other,
                Optional.empty(),
                TestVts.sign(escrow.key(), Registration.digest(other, Optional.empty())))
            .encode();
    System.arraycopy(registration, 0, payload, RegisterRecord.REGISTRATION, 195);
    AuditReport report = rewrittenWith(register, at(register).withPayload(payload));
    assertTrue(
        report.findings().stream()
            .anyMatch(f -> f.code() == AuditFinding.TERMS && f.position() == one.position()),
        report.findings().toString());
  }

  private int registrationOf(Escrow escrow) {
    byte[] outpoint = escrow.terms().outpoint().encode();
    for (int i = 0; i < entries.size(); i++) {
      byte[] payload = entries.get(i).payload();
      int at = RegisterRecord.REGISTRATION + TermsLayout.OUTPOINT;
      if (entries.get(i).is(RecordType.REGISTER)
          && Arrays.equals(outpoint, 0, 36, payload, at, at + 36)) {
        return i + 1;
      }
    }
    throw new AssertionError("no registration of " + escrow.terms().outpoint());
  }

  @Test
  void shouldNameARegistrationOfAGrantedEscrow() {
    Escrow escrow = vts.escrowOf(vts.granted.getFirst());
    Entry register = at(registrationOf(escrow)).withTime(entries.getLast().timeMillis());
    assertFirst(
        AuditFinding.REGISTERED_AGAIN, entries.size() + 1, rewritten(list -> list.add(register)));
  }

  @Test
  void shouldNameAnExpiredTicket() {
    int register = position(RecordType.REGISTER, 1);
    Escrow escrow = vts.escrows.get(1);
    Claim late = vts.claim(escrow, at(register).timeMillis() / 1000 - 1);
    AuditReport report =
        rewritten(
            list ->
                list.add(
                    register,
                    new Entry(
                        RecordType.GRANT.number(),
                        at(register).timeMillis(),
                        TestVts.grantPayload(late))));
    assertFirst(AuditFinding.EXPIRED, register + 1, report);
  }

  @Test
  void shouldNameAGrantOnASpentEscrow() {
    // The grant of an escrow that the batch spends, moved behind the spend.
    Granted one = vts.granted.getFirst();
    long time = entries.getLast().timeMillis();
    AuditReport report =
        rewritten(
            list -> {
              Entry grant = list.remove((int) one.position() - 1);
              list.removeIf(e -> e.is(RecordType.STATE_DIGEST) || isSettlement(e));
              list.add(grant.withTime(time));
            });
    assertTrue(
        report.findings().stream()
            .anyMatch(
                f -> f.code() == AuditFinding.CHAIN_STATE || f.code() == AuditFinding.EXPIRED),
        report.findings().toString());
  }

  private static boolean isSettlement(Entry entry) {
    return RecordType.ofNumber(entry.type()).isSettlement();
  }

  @Test
  void shouldNameAForgedDigest() {
    int digest = position(RecordType.STATE_DIGEST, 0);
    assertFirst(
        AuditFinding.STATE_DIGEST,
        digest,
        rewrittenWith(digest, at(digest).withPayload(changed(at(digest).payload(), 3))));
  }

  @Test
  void shouldNameAChangedPolicy() {
    Entry config = at(1);
    assertFirst(
        AuditFinding.POLICY,
        4,
        rewritten(list -> list.add(3, config.withPayload(changed(config.payload(), 75)))));
  }

  @Test
  void shouldNameAnotherKeyThanTheAuditors() {
    PublicKey other = vts.escrows.getFirst().terms().buyerKey();
    AuditReport report =
        Auditor.run(
            new AuditOptions(
                honest, Optional.of(other), List.of(), Kernels.select(Kernels.AUTO), 1),
            AuditProgress.NONE);
    assertFirst(AuditFinding.VTS_KEY, 1, report);
    assertEquals(1, report.findings().size());
  }

  @Test
  void shouldNameAnIdentityOfAnotherKey() {
    Path journal = JournalEdit.rewrite(folder.resolve("other"), Bytes32.ZERO, entries);
    assertFirst(AuditFinding.IDENTITY, 1, audit(journal));
  }

  // ---- settlement

  private int stored() {
    return position(RecordType.BATCH_STORED, 0);
  }

  private SettlementRecord.BatchStored batch() {
    return (SettlementRecord.BatchStored)
        SettlementRecord.decode(RecordType.BATCH_STORED, at(stored()).payload());
  }

  private Entry stored(Batch content) {
    byte[] payload = new SettlementRecord.BatchStored(1, 0, content).encode();
    return at(stored()).withPayload(payload);
  }

  @Test
  void shouldNameABatchThatSpendsAnEscrowWithoutItsGrant() {
    byte[] payload = at(stored()).payload().clone();
    payload[32] ^= 1; // the position of the first pair
    assertFirst(
        AuditFinding.PAYMENT_WITHOUT_GRANT,
        stored(),
        rewrittenWith(stored(), at(stored()).withPayload(payload)));
  }

  @Test
  void shouldNameABatchThatPaysAnotherScript() {
    Granted one = vts.granted.getFirst();
    Claim other = vts.claim(vts.escrowOf(one));
    Batch wrong = vts.batch(List.of(new Granted(one.position(), other)));
    assertTrue(batch().content().pairs().getFirst().position() == one.position());
    assertFirst(AuditFinding.PAYMENT_DIFFERS, stored(), rewrittenWith(stored(), stored(wrong)));
  }

  @Test
  void shouldNameABatchWithAWrongCounterSignature() {
    Batch content = batch().content();
    byte[] raw = content.raw().clone();
    byte[] signature = content.pairs().getFirst().witness().getFirst();
    int at = indexOf(raw, signature);
    raw[at + 40] ^= 1; // within s
    byte[] payload = at(stored()).payload().clone();
    System.arraycopy(raw, 0, payload, payload.length - raw.length, raw.length);
    assertFirst(
        AuditFinding.PAYMENT_SIGNATURE,
        stored(),
        rewrittenWith(stored(), at(stored()).withPayload(payload)));
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; at + part.length <= bytes.length; at++) {
      if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new AssertionError("not in it");
  }

  @Test
  void shouldNameABatchWhoseFeeIsNotWhatIsMissing() {
    byte[] payload = at(stored()).payload().clone();
    payload[20] ^= 1; // the fee
    assertFirst(
        AuditFinding.BATCH_ACCOUNT,
        stored(),
        rewrittenWith(stored(), at(stored()).withPayload(payload)));
  }

  @Test
  void shouldNameAClaimThatTwoConfirmedBatchesPay() {
    int confirmed = position(RecordType.BATCH_CONFIRMED, 0);
    Entry second =
        new Entry(
            RecordType.BATCH_STORED.number(),
            at(confirmed).timeMillis(),
            new SettlementRecord.BatchStored(2, 0, batch().content()).encode());
    byte[] again = at(confirmed).payload().clone();
    again[0] = 2;
    AuditReport report =
        rewritten(
            list -> {
              list.add(confirmed, second);
              list.add(confirmed + 1, at(confirmed).withPayload(again));
            });
    assertTrue(
        report.findings().stream().anyMatch(f -> f.code() == AuditFinding.PAID_TWICE),
        report.findings().toString());
  }

  @Test
  void shouldNameASettlementRecordThatCannotFollow() {
    int confirmed = position(RecordType.BATCH_CONFIRMED, 0);
    assertFirst(
        AuditFinding.SETTLEMENT_ORDER,
        confirmed + 1,
        rewritten(list -> list.add(confirmed, at(confirmed))));
    assertFirst(
        AuditFinding.SETTLEMENT_MALFORMED,
        confirmed,
        rewrittenAgain(confirmed, at(confirmed).withPayload(new byte[3])));
  }

  // ---- a journal that is consistent in itself

  @Test
  void shouldNameAJournalWrittenAnewByAnEarlierCheckpoint() {
    // Without its last grant and all that followed: nothing in the journal itself tells.
    int lastGrant = (int) vts.granted.getLast().position();
    Checkpoint earlier = checkpoint(honest);
    List<Entry> shorter = entries.subList(0, lastGrant - 1);
    Path journal =
        JournalEdit.rewrite(
            folder.resolve("anew"), TestVts.identity(vts.vtsPublic), List.copyOf(shorter));
    assertEquals(List.of(), audit(journal).findings());
    AuditReport report =
        Auditor.run(
            new AuditOptions(
                journal, Optional.empty(), List.of(earlier), Kernels.select(Kernels.AUTO), 1),
            AuditProgress.NONE);
    assertFirst(AuditFinding.CHECKPOINT, lastGrant, report);
  }

  @Test
  void shouldNameAnotherHistoryOfTheSameLengthByAnEarlierCheckpoint() {
    Entry last = entries.getLast();
    AuditReport report =
        rewritten(
            list -> list.set(list.size() - 1, last.withTime(last.timeMillis() + 1)),
            List.of(checkpoint(honest)));
    assertFirst(AuditFinding.CHECKPOINT, entries.size(), report);
    assertEquals(1, report.findings().size());
  }

  @Test
  void shouldAcceptAJournalThatGrewSinceTheCheckpoint() {
    Path journal = folder.resolve("growing");
    try (TestVts growing = new TestVts(journal, 13)) {
      growing.tick();
      Checkpoint earlier = checkpoint(journal);
      growing.openEpoch();
      growing.tick();
      AuditReport report =
          Auditor.run(
              new AuditOptions(
                  journal, Optional.empty(), List.of(earlier), Kernels.select(Kernels.AUTO), 1),
              AuditProgress.NONE);
      assertEquals(List.of(), report.findings());
      assertTrue(report.checkpoint().position() > earlier.position());
    }
  }

  // ---- the transparency log

  /** A tree head over the leaves through a position, signed, in the place behind it. */
  private static Entry head(List<Entry> list, int through, byte[] secret) {
    Frontier tree = new Frontier();
    byte[] leaf = new byte[512];
    for (int i = 0; i < through; i++) {
      Entry entry = list.get(i);
      UnsafeBuffer payload = new UnsafeBuffer(entry.payload());
      int length =
          LeafEncoder.encode(
              entry.type(), i + 1, entry.timeMillis(), payload, 0, payload.capacity(), leaf, 0);
      if (length > 0) {
        tree.appendLeaf(leaf, 0, length);
      }
    }
    Ed25519PrivateKeyParameters key = new Ed25519PrivateKeyParameters(secret, 0);
    var head =
        new org.micropay.vts.transparency.Checkpoint("log.example", tree.size(), tree.root());
    byte[] text = head.textBytes();
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, key);
    signer.update(text, 0, text.length);
    CheckpointRecord record =
        new CheckpointRecord(
            head,
            through,
            0,
            Bytes32.of(key.generatePublicKey().getEncoded()),
            Ed25519Signature.copyOf(signer.generateSignature(), 0));
    return new Entry(CheckpointRecord.TYPE, list.get(through - 1).timeMillis(), record.encode());
  }

  /** The plain history with a tree head behind its fifth grant, edited. */
  private AuditReport withTreeHead(UnaryOperator<Entry> edit, List<EarlierState> earlier) {
    Path journal = folder.resolve("log-" + histories);
    try (TestVts plain = new TestVts(journal, 14)) {
      for (int i = 0; i < 6; i++) {
        plain.register(false);
        plain.decide(plain.claim(plain.newest()));
      }
      List<Entry> list = JournalEdit.entries(journal);
      int through = index(list, RecordType.GRANT, 3) + 1;
      // At the end, so that no record moves; two leaves more than the tree wait before it.
      Entry head = head(list, through, new byte[32]).withTime(list.getLast().timeMillis());
      list.add(edit.apply(head));
      Path edited =
          JournalEdit.rewrite(
              folder.resolve("log-edited-" + histories++), TestVts.identity(plain.vtsPublic), list);
      return Auditor.run(
          new AuditOptions(edited, Optional.empty(), earlier, Kernels.select(Kernels.AUTO), 1),
          AuditProgress.NONE);
    }
  }

  @Test
  void shouldComputeTheLogsTreeHeadsAgain() {
    AuditReport report = withTreeHead(entry -> entry, List.of());
    assertEquals(List.of(), report.findings());
    assertEquals(1, report.treeHeads());
  }

  @Test
  void shouldNameATreeHeadThatIsNotTheRecords() {
    // Size, root, through, signature.
    for (int offset : new int[] {0, 8, 40, 88}) {
      AuditReport report =
          withTreeHead(
              entry -> {
                byte[] payload = entry.payload().clone();
                payload[offset] ^= 4;
                return entry.withPayload(payload);
              },
              List.of());
      assertEquals(AuditFinding.LOG_ROOT, report.findings().getFirst().code());
    }
  }

  @Test
  void shouldCompareWithAPublishedTreeHead() {
    AtomicReference<CheckpointRecord> kept = new AtomicReference<>();
    withTreeHead(
        entry -> {
          kept.set(CheckpointRecord.decode(entry.payload()));
          return entry;
        },
        List.of());
    TreeHead head = new TreeHead(4, kept.get().checkpoint().root());
    assertEquals(List.of(), withTreeHead(entry -> entry, List.of(head)).findings());
    TreeHead other = new TreeHead(5, kept.get().checkpoint().root());
    TreeHead later = new TreeHead(7, kept.get().checkpoint().root());
    for (TreeHead wrong : List.of(other, later)) {
      AuditReport report = withTreeHead(entry -> entry, List.of(wrong));
      assertEquals(AuditFinding.CHECKPOINT, report.findings().getFirst().code());
    }
  }
}
