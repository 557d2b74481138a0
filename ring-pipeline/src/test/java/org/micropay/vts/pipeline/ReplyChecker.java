package org.micropay.vts.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;

/**
 * The far side of reply and grant port: remembers every answer and checks what must hold of each.
 * What it throws in a stage becomes the cause of a halt, as any broken invariant would.
 */
final class ReplyChecker implements ReplyPort, GrantPort {
  static final int GRANTED = AnswerCode.GRANTED.number();
  static final int DOUBLE_SPEND = AnswerCode.DOUBLE_SPEND.number();

  /** One answer as the client sees it. */
  record Answer(long correlationId, int code, long position, Bytes32 claimId, byte[] signature) {
    boolean sameReceipt(Answer other) {
      return code == other.code
          && position == other.position
          && claimId.equals(other.claimId)
          && Arrays.equals(signature, other.signature);
    }
  }

  /** Names of what must hold; a violation names one. */
  enum Rule {
    REPLY_IMPLIES_DURABLE,
    SAME_CLAIM_SAME_RECEIPT,
    ONE_GRANT_PER_ESCROW,
    GRANT_IS_SIGNED,
    NOTHING_ELSE_IS_SIGNED,
    NOTHING_AFTER_HALT,
    GRANT_STREAMED_ONCE,
    ANSWERED_ONCE
  }

  /** Thrown when a rule is broken. */
  static final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;
    final Rule rule;

    Violation(Rule rule, Object what) {
      super(rule + ": " + what);
      this.rule = rule;
    }
  }

  private final DecisionJournal journal;
  private final List<Answer> answers = new ArrayList<>();
  private final Map<Long, Answer> byCorrelation = new HashMap<>();
  private final Map<Bytes32, Answer> finals = new HashMap<>();
  private final Map<String, Bytes32> grantByOutpoint = new HashMap<>();
  private final Map<Long, byte[]> streamed = new HashMap<>();
  private boolean halted;

  ReplyChecker(DecisionJournal journal) {
    this.journal = journal;
  }

  void onHalt() {
    halted = true;
  }

  List<Answer> answers() {
    return answers;
  }

  Answer answer(long correlationId) {
    return Objects.requireNonNull(byCorrelation.get(correlationId), "no answer yet");
  }

  Map<Long, byte[]> streamed() {
    return streamed;
  }

  long count(AnswerCode code) {
    return answers.stream().filter(answer -> answer.code == code.number()).count();
  }

  @Override
  public void onReply(ClaimSlot slot) {
    Answer answer =
        new Answer(
            slot.correlationId(),
            slot.code(),
            slot.receiptPosition(),
            Bytes32.of(slot.claimId()),
            slot.signature().clone());
    require(!halted, Rule.NOTHING_AFTER_HALT, answer);
    require(
        journal.durablePosition() >= slot.receiptPosition(), Rule.REPLY_IMPLIES_DURABLE, answer);
    require(byCorrelation.put(answer.correlationId, answer) == null, Rule.ANSWERED_ONCE, answer);
    if (answer.code == GRANTED || answer.code == DOUBLE_SPEND) {
      Answer first = finals.putIfAbsent(answer.claimId, answer);
      require(first == null || first.sameReceipt(answer), Rule.SAME_CLAIM_SAME_RECEIPT, answer);
    }
    if (answer.code == GRANTED) {
      checkGrant(slot, answer);
    } else {
      boolean zeros = Arrays.equals(answer.signature, new byte[ClaimSlot.SIGNATURE_LENGTH]);
      require(zeros, Rule.NOTHING_ELSE_IS_SIGNED, answer);
    }
    answers.add(answer);
  }

  private void checkGrant(ClaimSlot slot, Answer answer) {
    int from = ClaimSlot.CLAIM_OFFSET;
    Claim claim = Claim.decode(Arrays.copyOfRange(slot.row(), from, from + slot.claimLength()));
    require(claim.id().equals(answer.claimId), Rule.SAME_CLAIM_SAME_RECEIPT, claim.id());
    Bytes32 first = grantByOutpoint.putIfAbsent(claim.terms().outpoint().toString(), claim.id());
    require(first == null || first.equals(claim.id()), Rule.ONE_GRANT_PER_ESCROW, answer);
    byte[] expected = TestEscrows.counterSignature(claim);
    require(Arrays.equals(expected, answer.signature), Rule.GRANT_IS_SIGNED, answer);
    require(streamed.containsKey(answer.position), Rule.GRANT_STREAMED_ONCE, answer);
  }

  @Override
  public void onGrant(ClaimSlot slot) {
    require(!halted, Rule.NOTHING_AFTER_HALT, slot);
    require(journal.durablePosition() >= slot.receiptPosition(), Rule.REPLY_IMPLIES_DURABLE, slot);
    byte[] before = streamed.put(slot.receiptPosition(), slot.signature().clone());
    require(before == null, Rule.GRANT_STREAMED_ONCE, slot);
  }

  @Override
  public void endOfBatch() {
    require(!halted, Rule.NOTHING_AFTER_HALT, "flush");
  }

  private static void require(boolean holds, Rule rule, Object what) {
    if (!holds) {
      throw new Violation(rule, what);
    }
  }
}
