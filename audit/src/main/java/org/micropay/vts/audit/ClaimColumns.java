package org.micropay.vts.audit;

import java.lang.foreign.Arena;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.FrameRange;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.ClaimView;

/**
 * The claims of one range: form, claim id, opening, win, and both signatures under the buyer's key
 * in one kernel call. One thread; no allocation as long as nothing is found.
 */
final class ClaimColumns {
  private static final int STRIDE = 256;
  private static final int SIGNATURES = 2;

  private final ClaimHashes hashes;
  private final BatchVerifier verifier;
  private final ClaimView view = new ClaimView();
  private final byte[] row = new byte[ClaimLayout.MAX_LENGTH];
  private final int[] frames;
  private final boolean[] wins;
  private final Column claims;
  private final Column recordedIds;
  private final Column termsDigests;
  private final Column ticketDigests;
  private final Column claimIds;
  private final Column spendDigests;
  private final Column opens;
  private final Column digests;
  private final Column signatures;
  private final Column publicKeys;
  private final Column verdicts;
  private int count;

  ClaimColumns(Arena arena, ClaimHashes hashes, BatchVerifier verifier, int capacity) {
    this.hashes = hashes;
    this.verifier = verifier;
    frames = new int[capacity];
    wins = new boolean[capacity];
    claims = new Column(arena, capacity, STRIDE);
    recordedIds = new Column(arena, capacity, 32);
    termsDigests = new Column(arena, capacity, 32);
    ticketDigests = new Column(arena, capacity, 32);
    claimIds = new Column(arena, capacity, 32);
    spendDigests = new Column(arena, capacity, 32);
    opens = new Column(arena, capacity, 1);
    digests = new Column(arena, SIGNATURES * capacity, 32);
    signatures = new Column(arena, SIGNATURES * capacity, 64);
    publicKeys = new Column(arena, capacity, 33);
    verdicts = new Column(arena, SIGNATURES * capacity, 1);
  }

  void clear() {
    count = 0;
  }

  /**
   * Takes a claim.
   *
   * @param frame index of its frame in the range
   * @param id offset of the recorded claim id
   * @param at offset of the canonical claim
   * @return 0, or the number of the AnswerCode that objects to its form
   */
  int add(int frame, UnsafeBuffer memory, int id, int at, int length) {
    if (length < ClaimLayout.MIN_LENGTH || length > ClaimLayout.MAX_LENGTH) {
      return AnswerCode.MALFORMED.number();
    }
    memory.getBytes(at, row, 0, length);
    int objection = view.wrap(row, 0, length).checkWellFormed();
    if (objection != 0) {
      return objection;
    }
    int item = count++;
    frames[item] = frame;
    wins[item] = view.wins();
    recordedIds.put(item, memory, id);
    claims.put(item, memory, at);
    signatures.buffer.putBytes(
        item * SIGNATURES * 64, row, view.sigTicketOffset(), SIGNATURES * 64);
    publicKeys.buffer.putBytes(item * 33, row, view.buyerKeyOffset(), 33);
    return 0;
  }

  /** Checks what was taken. */
  void check(FrameRange range, RangeResult result) {
    if (count == 0) {
      return;
    }
    // A kernel that returns without having worked must not leave the last batch's verdicts.
    opens.clear(count);
    verdicts.clear(SIGNATURES * count);
    hashes.hash(
        claims.segment,
        STRIDE,
        termsDigests.segment,
        ticketDigests.segment,
        claimIds.segment,
        spendDigests.segment,
        opens.segment,
        count);
    for (int i = 0; i < count; i++) {
      digests.put(SIGNATURES * i, ticketDigests, i);
      digests.put(SIGNATURES * i + 1, spendDigests, i);
    }
    verifier.verify(
        digests.segment,
        signatures.segment,
        publicKeys.segment,
        verdicts.segment,
        count,
        SIGNATURES);
    result.signatures += (long) SIGNATURES * count;
    for (int i = 0; i < count; i++) {
      judge(i, range, result);
    }
  }

  private void judge(int i, FrameRange range, RangeResult result) {
    if (!recordedIds.sameAt(i, claimIds.buffer, 32 * i)) {
      result.find(range, frames[i], AuditFinding.CLAIM_ID, "recorded and computed id differ");
    }
    if (opens.get(i) != 1) {
      result.find(range, frames[i], AuditFinding.COMMITMENT, "c is not the hash of r1 and s");
    }
    if (!wins[i]) {
      result.find(range, frames[i], AuditFinding.LOSING_TICKET, "r1 and r2 lose at these odds");
    }
    if (verdicts.get(SIGNATURES * i) != 1) {
      result.find(range, frames[i], AuditFinding.TICKET_SIGNATURE, "sigTicket under buyerKey");
    }
    if (verdicts.get(SIGNATURES * i + 1) != 1) {
      result.find(range, frames[i], AuditFinding.SPEND_SIGNATURE, "sigSpend under buyerKey");
    }
  }
}
