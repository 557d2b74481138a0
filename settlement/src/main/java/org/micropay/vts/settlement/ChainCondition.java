package org.micropay.vts.settlement;

import java.util.Objects;

/**
 * How the chain is followed.
 *
 * @param code for programs
 * @param text one line for people
 */
public record ChainCondition(ChainCode code, String text) {
  static final ChainCondition SYNCED = new ChainCondition(ChainCode.SYNCED, "synced");

  /** Checks that both are there. */
  public ChainCondition {
    Objects.requireNonNull(code);
    Objects.requireNonNull(text);
  }
}
