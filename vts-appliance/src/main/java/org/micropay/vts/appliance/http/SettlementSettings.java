package org.micropay.vts.appliance.http;

import org.micropay.vts.settlement.FeeRate;
import org.micropay.vts.settlement.OperatorSettings;

/**
 * What the operator has set.
 *
 * @param paused whether nothing new is signed
 * @param feeRateSatPerVbyte his fee rate; 0 for the node's estimate
 */
record SettlementSettings(boolean paused, double feeRateSatPerVbyte) {
  private static final double SAT_PER_KVB = 1_000;

  static SettlementSettings of(OperatorSettings settings) {
    return new SettlementSettings(
        settings.paused(), settings.feeRate().map(FeeRate::satPerKvb).orElse(0L) / SAT_PER_KVB);
  }

  /**
   * Body of a change of the fee rate.
   *
   * @param satPerVbyte 0 for the node's estimate
   */
  record FeeRequest(double satPerVbyte) {}
}
