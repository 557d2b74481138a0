package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.micropay.vts.audit.JournalEdit.Entry;
import org.micropay.vts.audit.TestVts.Escrow;
import org.micropay.vts.audit.TestVts.Granted;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/** Grants and double-spend proofs that were edited, left out, added or moved. */
class EditedGrantsTest extends EditedHistory {
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
}
