package org.micropay.vts.pipeline;

import java.util.Arrays;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.LedgerView;
import org.micropay.vts.ledger.LookAhead;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ClaimView;

/**
 * Checks claims from cheap to dear: form, network and key; then the digests of what is left, in one
 * call for the batch; then what the ledger's view foretells, expiry, opening, win; what is left
 * goes to the verifier, both signatures under the buyer's key in one call for the whole batch. Junk
 * therefore costs about a microsecond and never a signature check.
 *
 * <p>Stateless but for its columns, so any number of these run side by side. A refusal by the view
 * is provisional, see {@link DecideStage}: the view may be older than claims ahead on the ring.
 */
final class VerifyStage extends LaneStage {
  /** The part of a claim that is hashed, rounded up to whole cache lines. */
  private static final int CLAIM_STRIDE = 256;

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
  private final LookAhead lookAhead;
  private final int network;
  private final byte[] vtsKey;
  private final ClaimView claim = new ClaimView();
  private final ClaimDigests claimDigests;
  private final Column claims;
  private final Column termsDigests;
  private final Column ticketDigests;
  private final Column claimIds;
  private final Column spendDigests;
  private final Column opens;
  private final Column digests;
  private final Column signatures;
  private final Column publicKeys;
  private final Column verdicts;

  VerifyStage(
      StageContext context,
      PipelineConfig config,
      WorkerGroup group,
      int member,
      Ledger ledger,
      ClaimDigests claimDigests,
      SignatureVerifier verifier) {
    super("verify-" + member, context, group, member, config.lanes(), config.verifyBatch());
    this.claimDigests = claimDigests;
    this.verifier = verifier;
    this.view = ledger.view();
    LedgerPolicy policy = ledger.policy();
    this.network = policy.network();
    this.vtsKey = policy.vtsKey().toArray();
    int batch = config.verifyBatch();
    this.lookAhead = view.newLookAhead(batch);
    this.claims = new Column(arena, batch, CLAIM_STRIDE);
    this.termsDigests = new Column(arena, batch, ClaimSlot.DIGEST);
    this.ticketDigests = new Column(arena, batch, ClaimSlot.DIGEST);
    this.claimIds = new Column(arena, batch, ClaimSlot.DIGEST);
    this.spendDigests = new Column(arena, batch, ClaimSlot.DIGEST);
    this.opens = new Column(arena, batch, 1);
    int items = batch * SIGNATURES_PER_CLAIM;
    this.digests = new Column(arena, items, ClaimSlot.DIGEST);
    this.signatures = new Column(arena, items, SIGNATURE);
    this.publicKeys = new Column(arena, batch, PUBLIC_KEY);
    this.verdicts = new Column(arena, items, 1);
  }

  @Override
  long touch(ClaimSlot slot) {
    return slot.touchRow();
  }

  @Override
  boolean select(ClaimSlot slot, int place) {
    if (slot.kind != SlotKind.CLAIM) {
      return false;
    }
    slot.clearClaimId();
    claim.wrap(slot.row, ClaimSlot.CLAIM_OFFSET, slot.length);
    slot.verdict = checkForm(slot);
    if (slot.verdict != 0) {
      return false;
    }
    claims.put(place, slot.row, ClaimSlot.CLAIM_OFFSET);
    slot.outpointHash = view.outpointHash(claim);
    lookAhead.addOutpoint(slot.outpointHash);
    return true;
  }

  /** What needs no hash. */
  private int checkForm(ClaimSlot slot) {
    int objection = claim.checkWellFormed();
    if (objection != 0) {
      return objection;
    }
    if (claim.network() != network) {
      return WRONG_NETWORK;
    }
    int key = claim.vtsKeyOffset();
    return Arrays.equals(vtsKey, 0, PUBLIC_KEY, slot.row, key, key + PUBLIC_KEY)
        ? 0
        : WRONG_VTS_KEY;
  }

  @Override
  void prepare(int selected) {
    // Digests that return without having worked must not leave the last batch's openings.
    opens.clear(selected);
    claimDigests.compute(
        claims.segment(),
        CLAIM_STRIDE,
        termsDigests.segment(),
        ticketDigests.segment(),
        claimIds.segment(),
        spendDigests.segment(),
        opens.segment(),
        selected);
    lookAhead.run();
    lookAhead.clear();
  }

  @Override
  boolean gather(ClaimSlot slot, int place, int row) {
    claim.wrap(slot.row, ClaimSlot.CLAIM_OFFSET, slot.length);
    claimIds.get(place, slot.claimId, 0);
    slot.claimIdHash = view.claimIdHash(slot.claimId, 0);
    slot.verdict = checkState(slot, place);
    if (slot.verdict != 0) {
      return false;
    }
    spendDigests.get(place, slot.spendDigest, 0);
    int item = row * SIGNATURES_PER_CLAIM;
    digests.put(item, ticketDigests, place);
    signatures.put(item, slot.row, claim.sigTicketOffset());
    digests.put(item + 1, spendDigests, place);
    signatures.put(item + 1, slot.row, claim.sigSpendOffset());
    publicKeys.put(row, slot.row, claim.buyerKeyOffset());
    return true;
  }

  /** What needs hashes but no signature check, in the protocol's order. */
  private int checkState(ClaimSlot slot, int place) {
    int objection = view.status(slot.timeMillis, claim, slot.outpointHash, slot.claimId, 0);
    if (objection != LedgerView.UNDECIDED && objection != GRANTED && objection != DOUBLE_SPEND) {
      slot.foretold = true;
      return objection;
    }
    if (opens.get(place) != 1) {
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
