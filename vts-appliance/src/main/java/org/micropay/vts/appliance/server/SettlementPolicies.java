package org.micropay.vts.appliance.server;

import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.settlement.FeeRate;
import org.micropay.vts.settlement.SettlementPolicy;

/** Settlement's policy from the configuration. */
final class SettlementPolicies {
  private static final long SAT_PER_KVB = 1_000;

  private SettlementPolicies() {}

  static SettlementPolicy of(ApplianceConfig.Settlement config) {
    SettlementPolicy standard = SettlementPolicy.DEFAULT;
    FeeRate floor = new FeeRate(config.feeRateFloor() * SAT_PER_KVB);
    FeeRate cap = new FeeRate(config.feeRateCap() * SAT_PER_KVB);
    return new SettlementPolicy(
        config.maxClaims(),
        config.maxAgeSeconds() * 1000L,
        config.confirmations(),
        standard.targetBlocks(),
        standard.fallbackRate(),
        floor,
        cap,
        standard.bumpAfterBlocks(),
        standard.feeCoins(),
        standard.feeCoinValue(),
        config.maxAgeSeconds() < 30 ? 1_000 : standard.retryMillis(),
        new SettlementPolicy.Patience(
            new FeeRate(config.patientFeeRate() * SAT_PER_KVB),
            config.maxPatienceSeconds() * 1000L,
            config.urgentBlocks()));
  }
}
