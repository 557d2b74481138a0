package org.micropay.vts.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.AnswerCode;

/** The ledger against its naive model over long random histories. */
class DifferentialTest {
  private static final LedgerPolicy POLICY = Samples.policy(24, 4);
  private static final int COMMANDS = 20_000;

  private static final AnswerCode[] ALL_THAT_CAN_COME = {
    AnswerCode.GRANTED,
    AnswerCode.DOUBLE_SPEND,
    AnswerCode.REGISTERED,
    AnswerCode.UNKNOWN_ESCROW,
    AnswerCode.TERMS_MISMATCH,
    AnswerCode.ESCROW_UNCONFIRMED,
    AnswerCode.ESCROW_SPENT,
    AnswerCode.REFUND_TOO_NEAR,
    AnswerCode.EXPIRED,
    AnswerCode.OUTPOINT_TAKEN,
    AnswerCode.FUNDING_NOT_FOUND,
    AnswerCode.BAD_DEPOSIT,
    AnswerCode.LEDGER_FULL,
    AnswerCode.CHAIN_STALE
  };

  private static final int CANARY_ROUNDS = 32;

  /** Gives the same commands to both and compares every answer; counts them by code. */
  private static TreeMap<String, Integer> compare(SplittableRandom random, Machine ledger) {
    Machine model = new NaiveLedger();
    History history = new History(random, POLICY);
    TreeMap<String, Integer> codes = new TreeMap<>();
    assertEquals(history.first().apply(model), history.first().apply(ledger));
    for (int i = 0; i < COMMANDS; i++) {
      Function<Machine, Answer> command = history.next();
      Answer answer = command.apply(model);
      assertEquals(answer, command.apply(ledger), "answer to command " + i);
      String name = answer.code() == 0 ? "DONE" : AnswerCode.ofNumber(answer.code()).name();
      codes.merge(answer.journalType() == 0 ? name : name + "*", 1, Integer::sum);
      if (i % 50 == 0 || i == COMMANDS - 1) {
        compareAll(model, ledger, i);
      }
    }
    return codes;
  }

  private static void compareAll(Machine model, Machine ledger, int command) {
    assertEquals(model.escrowCount(), ledger.escrowCount(), "escrows after command " + command);
    for (int i = 0; i < History.OUTPOINTS; i++) {
      assertEquals(
          model.lookup(Samples.outpoint(i)),
          ledger.lookup(Samples.outpoint(i)),
          "escrow " + i + " after command " + command);
    }
  }

  private static RecordedLedger ledger(
      ClaimRules rules, Function<LedgerState, Retirement> retirement) {
    LedgerState state = LedgerState.create(POLICY, 0, 0);
    return new RecordedLedger(new Ledger(state, rules, retirement.apply(state)));
  }

  @Test
  void shouldAnswerAsTheModelDoes() {
    SplittableRandom random = Samples.random("shouldAnswerAsTheModelDoes");
    TreeMap<String, Integer> codes = new TreeMap<>();
    for (int round = 0; round < 8; round++) {
      try (RecordedLedger ledger = ledger(new ClaimRules(), Retirement::new)) {
        compare(random, ledger).forEach((code, count) -> codes.merge(code, count, Integer::sum));
      }
    }
    System.out.println("answers, with * those that made a record: " + codes);
    for (AnswerCode code : ALL_THAT_CAN_COME) {
      assertTrue(
          codes.containsKey(code.name()) || codes.containsKey(code.name() + "*"),
          code + " never came: " + codes);
    }
  }

  private static void shouldBeCaught(
      ClaimRules rules, Function<LedgerState, Retirement> retirement) {
    SplittableRandom random = Samples.random("canary");
    // One history need not touch the rule that is broken; so many never all miss it.
    for (int round = 0; round < CANARY_ROUNDS; round++) {
      try (RecordedLedger ledger = ledger(rules, retirement)) {
        compare(random, ledger);
      } catch (AssertionError caught) {
        return;
      }
    }
    fail("the broken rule was not noticed in " + CANARY_ROUNDS + " histories");
  }

  @Test
  void shouldCatchExpiryTakenOneSecondTooLate() {
    shouldBeCaught(
        new ClaimRules() {
          @Override
          boolean isExpired(long nowMillis, long expirySeconds) {
            return super.isExpired(nowMillis, expirySeconds + 1);
          }
        },
        Retirement::new);
  }

  @Test
  void shouldCatchStaleChainTrusted() {
    shouldBeCaught(
        new ClaimRules() {
          @Override
          boolean isStale(LedgerPolicy policy, TipInfo tip, long nowMillis) {
            return !tip.isKnown();
          }
        },
        Retirement::new);
  }

  @Test
  void shouldCatchRefundMarginOffByOne() {
    shouldBeCaught(
        new ClaimRules() {
          @Override
          boolean isRefundNear(LedgerPolicy policy, TipInfo tip, long refundHeight) {
            return super.isRefundNear(policy, tip, refundHeight + 1);
          }
        },
        Retirement::new);
  }

  @Test
  void shouldCatchSpentEscrowGranted() {
    shouldBeCaught(
        new ClaimRules() {
          @Override
          int checkChain(
              LedgerPolicy policy, TipInfo tip, long now, int funded, int spent, long refund) {
            return super.checkChain(policy, tip, now, funded, 0, refund);
          }
        },
        Retirement::new);
  }

  @Test
  void shouldCatchConfirmationsOffByOne() {
    shouldBeCaught(
        new ClaimRules() {
          @Override
          int checkChain(
              LedgerPolicy policy, TipInfo tip, long now, int funded, int spent, long refund) {
            return super.checkChain(policy, tip, now, funded - 1, spent, refund);
          }
        },
        Retirement::new);
  }

  @Test
  void shouldCatchRetirementOfUnburiedEscrow() {
    shouldBeCaught(
        new ClaimRules(),
        state ->
            new Retirement(state) {
              @Override
              boolean isDead(int slot) {
                return super.isDead(slot) || state.escrows.spentHeight(slot) > 0;
              }

              @Override
              boolean mayBeDue(int slot) {
                return true;
              }
            });
  }

  @Test
  void shouldCatchSlotsPassedOverAlthoughOneIsDue() {
    shouldBeCaught(
        new ClaimRules(),
        state ->
            new Retirement(state) {
              @Override
              boolean mayBeDue(int slot) {
                return super.mayBeDue(slot)
                    && state
                        .escrows
                        .bounds()
                        .mayBeDue(slot, state.tip().height() - 1, state.policy().retireDepth());
              }
            });
  }

  @Test
  void shouldCatchEscrowsThatAreNeverRetired() {
    shouldBeCaught(
        new ClaimRules(),
        state ->
            new Retirement(state) {
              @Override
              boolean isDead(int slot) {
                return false;
              }
            });
  }
}
