package org.micropay.vts.settlement;

import java.util.Objects;
import java.util.Optional;

/**
 * What the operator has set while the server runs. Journaled, so that a restart keeps it.
 *
 * @param paused whether nothing new is signed: no batch, no replacement, no split of a coin. What
 *     was sent before is followed and sent again as ever
 * @param feeRate the rate that every batch pays, within floor and cap, in place of the estimate;
 *     empty for the estimate
 */
public record OperatorSettings(boolean paused, Optional<FeeRate> feeRate) {
  /** Not paused, fee rate by estimate. */
  public static final OperatorSettings NONE = new OperatorSettings(false, Optional.empty());

  /** Checks that the parts are there. */
  public OperatorSettings {
    Objects.requireNonNull(feeRate);
  }

  /** The same, paused or not. */
  public OperatorSettings withPaused(boolean value) {
    return new OperatorSettings(value, feeRate);
  }

  /** The same with another rate. */
  public OperatorSettings withFeeRate(Optional<FeeRate> value) {
    return new OperatorSettings(paused, value);
  }
}
