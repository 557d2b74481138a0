package org.micropay.vts.pipeline;

import java.util.Arrays;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.LedgerView;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ClaimDigester;
import org.micropay.vts.ticket.ClaimView;

/**
 * Checks claims from cheap to dear: form, network and key, what the ledger's view foretells,
 * expiry, opening, win; what is left goes to the verifier, both signatures under the buyer's key in
 * one call for the whole batch. Junk therefore costs microseconds and never a signature check.
 *
 * <p>Stateless but for its columns, so any number of these run side by side. A refusal by the view
 * is provisional, see {@link DecideStage}: the view may be older than claims ahead on the ring.
 */
final class VerifyStage extends LaneStage {
  private static final int PUBLIC_KEY = 33;
  private static final int SIGNATURE = 64;
  private static final int SIGNATURES_PER_CLAIM = 2;
  private static final int GRANTED = AnswerCode.GRANTED.number();
  private static final int DOUBLE_SPEND = AnswerCode.DOUBLE_SPEND.number();
  private static final int WRONG_NETWORK = AnswerCode.WRONG_NETWORK.number();
  private static final int WRONG_VTS_KEY = AnswerCode.WRONG_VTS_KEY.number();
  private static final int WRONG_OPENING = AnswerCode.WRONG_OPENING.number();
  private static final int LOSING_TICKET = AnswerCode.LOSING_TICKET.number();
  private static final int BAD_TICKET_SIGNATURE = AnswerCode.BAD_TICKET_SIGNATURE.number();
  private static final int BAD_SPEND_SIGNATURE = AnswerCode.BAD_SPEND_SIGNATURE.number();

  private final SignatureVerifier verifier;
  private final LedgerView view;
  private final int network;
  private final byte[] vtsKey;
  private final ClaimView claim = new ClaimView();
  private final ClaimDigester digester = new ClaimDigester();
  private final Column digests;
  private final Column signatures;
  private final Column publicKeys;
  private final Column verdicts;

  VerifyStage(
      StageContext context,
      PipelineConfig config,
      int shard,
      Ledger ledger,
      SignatureVerifier verifier) {
    super(
        "verify-" + shard,
        context,
        shard,
        config.verifiers(),
        config.lanes(),
        config.verifyBatch());
    this.verifier = verifier;
    this.view = ledger.view();
    LedgerPolicy policy = ledger.policy();
    this.network = policy.network();
    this.vtsKey = policy.vtsKey().toArray();
    int items = config.verifyBatch() * SIGNATURES_PER_CLAIM;
    this.digests = new Column(arena, items, ClaimSlot.DIGEST);
    this.signatures = new Column(arena, items, SIGNATURE);
    this.publicKeys = new Column(arena, config.verifyBatch(), PUBLIC_KEY);
    this.verdicts = new Column(arena, items, 1);
  }

  @Override
  boolean gather(ClaimSlot slot, int row) {
    if (slot.kind != SlotKind.CLAIM) {
      return false;
    }
    claim.wrap(slot.row, ClaimSlot.CLAIM_OFFSET, slot.length);
    slot.verdict = checkCheaply(slot);
    if (slot.verdict != 0) {
      return false;
    }
    digester.ticketDigest(claim, slot.termsDigest, 0, slot.ticketDigest, 0);
    digester.spendDigest(claim, slot.spendDigest, 0);
    int item = row * SIGNATURES_PER_CLAIM;
    digests.put(item, slot.ticketDigest, 0);
    signatures.put(item, slot.row, claim.sigTicketOffset());
    digests.put(item + 1, slot.spendDigest, 0);
    signatures.put(item + 1, slot.row, claim.sigSpendOffset());
    publicKeys.put(row, slot.row, claim.buyerKeyOffset());
    return true;
  }

  /** Everything that needs no signature check, in the protocol's order. */
  private int checkCheaply(ClaimSlot slot) {
    slot.clearClaimId();
    int objection = claim.checkWellFormed();
    if (objection != 0) {
      return objection;
    }
    if (claim.network() != network) {
      return WRONG_NETWORK;
    }
    int key = claim.vtsKeyOffset();
    if (!Arrays.equals(vtsKey, 0, PUBLIC_KEY, slot.row, key, key + PUBLIC_KEY)) {
      return WRONG_VTS_KEY;
    }
    digester.termsDigest(claim, slot.termsDigest, 0);
    digester.claimId(claim, slot.termsDigest, 0, slot.claimId, 0);
    objection = view.status(slot.timeMillis, claim, slot.claimId, 0);
    if (objection != LedgerView.UNDECIDED && objection != GRANTED && objection != DOUBLE_SPEND) {
      slot.foretold = true;
      return objection;
    }
    if (!digester.commitmentOpens(claim)) {
      return WRONG_OPENING;
    }
    return claim.wins() ? 0 : LOSING_TICKET;
  }

  @Override
  void process(int rows) {
    // A verifier that returns without having worked must not leave the last batch's verdicts.
    verdicts.clear(rows * SIGNATURES_PER_CLAIM);
    verifier.verify(
        digests.segment(),
        signatures.segment(),
        publicKeys.segment(),
        verdicts.segment(),
        rows,
        SIGNATURES_PER_CLAIM);
  }

  @Override
  void scatter(int row, ClaimSlot slot) {
    int item = row * SIGNATURES_PER_CLAIM;
    if (verdicts.get(item) != 1) {
      slot.verdict = BAD_TICKET_SIGNATURE;
    } else if (verdicts.get(item + 1) != 1) {
      slot.verdict = BAD_SPEND_SIGNATURE;
    }
  }

  @Override
  void moveToFront(int from, int rows) {
    digests.moveToFront(from * SIGNATURES_PER_CLAIM, rows * SIGNATURES_PER_CLAIM);
    signatures.moveToFront(from * SIGNATURES_PER_CLAIM, rows * SIGNATURES_PER_CLAIM);
    publicKeys.moveToFront(from, rows);
  }
}
