package org.micropay.vts.merchant;

import java.util.EnumMap;
import java.util.Map;
import org.micropay.vts.ticket.AnswerCode;

/** Sums over winners. Not thread-safe: {@link ClaimStore}'s lock guards it. */
public final class ClaimTotals {
  private long wins;
  private long wonSatoshi;
  private long grantedSatoshi;
  private long refusedSatoshi;
  private final Map<AnswerCode, Long> answers = new EnumMap<>(AnswerCode.class);

  /**
   * Sums since the first win.
   *
   * @param wins winners stored
   * @param wonSatoshi their payouts
   * @param grantedSatoshi of them counter-signed by the VTS
   * @param refusedSatoshi of them refused for good
   * @param pendingSatoshi of them without a final answer
   * @param answers final answers by code
   */
  public record Summary(
      long wins,
      long wonSatoshi,
      long grantedSatoshi,
      long refusedSatoshi,
      long pendingSatoshi,
      Map<AnswerCode, Long> answers) {}

  void won(long payout) {
    wins++;
    wonSatoshi += payout;
  }

  void answered(AnswerCode code, long payout) {
    answers.merge(code, 1L, Long::sum);
    if (code == AnswerCode.GRANTED) {
      grantedSatoshi += payout;
    } else {
      refusedSatoshi += payout;
    }
  }

  /** Begins again from sums of before. */
  void reset(Summary before) {
    wins = before.wins();
    wonSatoshi = before.wonSatoshi();
    grantedSatoshi = before.grantedSatoshi();
    refusedSatoshi = before.refusedSatoshi();
    answers.clear();
    answers.putAll(before.answers());
  }

  /** The sums without winners that have no answer yet. */
  Summary answered(int pending) {
    long decided = grantedSatoshi + refusedSatoshi;
    return new Summary(
        wins - pending, decided, grantedSatoshi, refusedSatoshi, 0, Map.copyOf(answers));
  }

  Summary summary() {
    return new Summary(
        wins,
        wonSatoshi,
        grantedSatoshi,
        refusedSatoshi,
        wonSatoshi - grantedSatoshi - refusedSatoshi,
        new EnumMap<>(answers));
  }
}
