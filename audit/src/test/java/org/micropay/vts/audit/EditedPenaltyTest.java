package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.micropay.vts.audit.JournalEdit.Entry;
import org.micropay.vts.audit.TestVts.Escrow;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.Burn;
import org.micropay.vts.settlement.DepositOutcome;
import org.micropay.vts.settlement.FeeCoin;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.SpendTemplate;

/** Penalty records that were edited, left out or added. */
class EditedPenaltyTest extends EditedHistory {
  private static final FeeCoin COIN = new FeeCoin(new Outpoint(Bytes32.ZERO, 1), 1_000);

  private int stored() {
    return position(RecordType.BURN_STORED, 0);
  }

  private PenaltyRecord.BurnStored burn() {
    return (PenaltyRecord.BurnStored)
        PenaltyRecord.decode(RecordType.BURN_STORED, at(stored()).payload());
  }

  /** The escrow whose deposit is burnt. */
  private Escrow punished() {
    return vts.escrows.stream()
        .filter(
            escrow ->
                escrow
                    .registration()
                    .deposit()
                    .filter(d -> d.outpoint().equals(burn().content().pair().outpoint()))
                    .isPresent())
        .findFirst()
        .orElseThrow();
  }

  private AuditReport withBurn(long proof, Burn content) {
    byte[] payload = new PenaltyRecord.BurnStored(proof, 0, content).encode();
    return rewrittenWith(stored(), at(stored()).withPayload(payload));
  }

  @Test
  void shouldNameAPenaltyRecordThatIsNone() {
    assertFirst(
        AuditFinding.PENALTY_MALFORMED,
        stored(),
        rewrittenWith(stored(), at(stored()).withPayload(new byte[5])));
  }

  @Test
  void shouldNameABurnWithoutItsProof() {
    assertFirst(
        AuditFinding.BURN_WITHOUT_PROOF, stored(), withBurn(burn().proof() - 1, burn().content()));
  }

  @Test
  void shouldNameABurnOfAnotherDeposit() {
    Escrow other =
        vts.escrows.stream()
            .filter(e -> e.registration().deposit().isPresent() && e != punished())
            .findFirst()
            .orElseThrow();
    assertFirst(
        AuditFinding.BURN_DIFFERS,
        stored(),
        withBurn(burn().proof(), TestBurn.of(other, vts.vtsKey)));
  }

  @Test
  void shouldNameABurnThatPaysSomebody() {
    Deposit deposit = punished().registration().deposit().orElseThrow();
    CompactSignature byVts =
        TestVts.sign(vts.vtsKey, SpendTemplate.burn(punished().terms(), deposit).digest());
    byte[] elsewhere = new byte[22];
    elsewhere[1] = 20;
    assertNamed(
        AuditFinding.BURN_DIFFERS,
        stored(),
        withBurn(burn().proof(), TestBurn.of(punished(), byVts, deposit.burnFee(), elsewhere)));
  }

  @Test
  void shouldNameABurnWithoutTheVtsSignature() {
    Deposit deposit = punished().registration().deposit().orElseThrow();
    CompactSignature wrong = TestVts.sign(vts.vtsKey, Bytes32.ZERO);
    assertFirst(
        AuditFinding.BURN_SIGNATURE,
        stored(),
        withBurn(
            burn().proof(),
            TestBurn.of(punished(), wrong, deposit.burnFee(), Deposit.burnScript())));
  }

  @Test
  void shouldNameABurnThatLosesSatoshi() {
    Burn content = burn().content();
    Burn lost =
        new Burn(content.raw(), content.txid(), content.pair(), List.of(COIN), 7, content.vsize());
    assertFirst(AuditFinding.BURN_ACCOUNT, stored(), withBurn(burn().proof(), lost));
  }

  @Test
  void shouldNameABurnThatIsConfirmedTwice() {
    int confirmed = position(RecordType.BURN_CONFIRMED, 0);
    assertFirst(
        AuditFinding.PENALTY_ORDER,
        confirmed + 1,
        rewritten(list -> list.add(confirmed, at(confirmed))));
  }

  @Test
  void shouldNameADepositThatIsGoneWithoutAProof() {
    int end = entries.size();
    Deposit deposit = punished().registration().deposit().orElseThrow();
    byte[] gone =
        new PenaltyRecord.DepositGone(
                3, DepositOutcome.TAKEN_BACK, 1, deposit.value(), deposit.outpoint(), Bytes32.ZERO)
            .encode();
    Entry entry = new Entry(RecordType.DEPOSIT_GONE.number(), entries.getLast().timeMillis(), gone);
    assertNamed(AuditFinding.BURN_WITHOUT_PROOF, end + 1, rewritten(list -> list.add(entry)));
  }

  @Test
  void shouldNameAStateDigestThatIsDueAndMissing() {
    int digest = position(RecordType.STATE_DIGEST, 1);
    AuditReport report =
        rewritten(
            list -> {
              list.removeIf(e -> e.is(RecordType.STATE_DIGEST) && list.indexOf(e) == digest - 1);
            });
    assertNamed(AuditFinding.STATE_DIGEST_MISSING, digest, report);
  }

  @Test
  void shouldNameMissingStateDigestsOnce() {
    AuditReport report = withoutReferences(l -> l.removeIf(e -> e.is(RecordType.STATE_DIGEST)));
    assertFirst(AuditFinding.STATE_DIGEST_MISSING, 17, report);
    assertEquals(1, report.findings().size(), report.findings().toString());
  }
}
