package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.micropay.vts.audit.HonestJournalTest.audit;
import static org.micropay.vts.audit.HonestJournalTest.options;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.micropay.vts.audit.JournalEdit.Entry;
import org.micropay.vts.audit.TestVts.Escrow;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.TermsLayout;

/** Registrations, policies, digests, types and times that were edited. */
class EditedRecordsTest extends EditedHistory {
  @Test
  void shouldNameAChangedType() {
    int register = position(RecordType.REGISTER, 1);
    AuditReport report = rewrittenWith(register, at(register).withType(RecordType.GRANT));
    assertFirst(AuditFinding.CLAIM_MALFORMED, register, report);
    int grant = position(RecordType.GRANT, 0);
    assertFalse(rewrittenAgain(grant, at(grant).withType(RecordType.DOUBLE_SPEND)).clean());
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
  void shouldNameARegistrationOfAGrantedEscrow() {
    Escrow escrow = vts.escrowOf(vts.granted.getFirst());
    Entry register = at(registrationOf(escrow)).withTime(entries.getLast().timeMillis());
    assertFirst(
        AuditFinding.REGISTERED_AGAIN, entries.size() + 1, rewritten(list -> list.add(register)));
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
            options(honest, Optional.of(other), List.of(), Kernels.select(Kernels.AUTO), 1),
            AuditProgress.NONE);
    assertFirst(AuditFinding.VTS_KEY, 1, report);
    assertEquals(1, report.findings().size());
  }

  @Test
  void shouldNameAnIdentityOfAnotherKey() {
    Path journal = JournalEdit.rewrite(folder.resolve("other"), Bytes32.ZERO, entries);
    assertFirst(AuditFinding.IDENTITY, 1, audit(journal));
  }
}
