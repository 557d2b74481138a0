package org.micropay.vts.appliance.server;

import org.micropay.vts.ticket.AnswerCode;

/** When to come back with a request that was refused for now, where the queue does not say. */
public final class RetryHints {
  private static final int SOON_MILLIS = 1_000;
  private static final int NEXT_BLOCK_MILLIS = 60_000;

  private RetryHints() {}

  /** Milliseconds; 0 for an answer that is final. Allocates nothing. */
  public static int millis(AnswerCode code) {
    if (!code.retryable()) {
      return 0;
    }
    return code == AnswerCode.ESCROW_UNCONFIRMED || code == AnswerCode.FUNDING_NOT_FOUND
        ? NEXT_BLOCK_MILLIS
        : SOON_MILLIS;
  }

  /** The same by number. */
  public static int millis(int code) {
    return AnswerCode.isKnown(code) ? millis(AnswerCode.ofNumber(code)) : 0;
  }
}
