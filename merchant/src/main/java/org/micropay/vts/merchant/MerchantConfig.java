package org.micropay.vts.merchant;

import java.net.URI;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;

/**
 * What a merchant is and takes.
 *
 * @param network chain of the escrows
 * @param vts base URL of the VTS, as buyers are told it
 * @param vtsKey key that terms must name
 * @param payoutScript where winnings go
 * @param minExpirySeconds a ticket must be good for at least so long, to leave time to claim it
 * @param askLifeSeconds how long an ask may be answered
 * @param minOdds least N of 1/N that is taken
 * @param maxOdds greatest N; large odds mean few winners on chain and uneven revenue
 * @param risk when an escrow is trusted
 * @param escrowAgeMillis how long the VTS's word on a live escrow is taken
 * @param escrowStaleMillis how long when the VTS cannot be asked
 */
public record MerchantConfig(
    Network network,
    URI vts,
    PublicKey vtsKey,
    PayoutScript payoutScript,
    long minExpirySeconds,
    long askLifeSeconds,
    int minOdds,
    int maxOdds,
    RiskPolicy risk,
    long escrowAgeMillis,
    long escrowStaleMillis) {
  /** A day to claim in, five minutes to answer an ask, all odds, the default risk. */
  public static MerchantConfig of(
      Network network, URI vts, PublicKey vtsKey, PayoutScript payoutScript) {
    return new MerchantConfig(
        network,
        vts,
        vtsKey,
        payoutScript,
        86_400,
        300,
        1,
        Integer.MAX_VALUE,
        RiskPolicy.DEFAULT,
        10_000,
        60_000);
  }

  /** The same with another risk policy. */
  public MerchantConfig withRisk(RiskPolicy other) {
    return new MerchantConfig(
        network,
        vts,
        vtsKey,
        payoutScript,
        minExpirySeconds,
        askLifeSeconds,
        minOdds,
        maxOdds,
        other,
        escrowAgeMillis,
        escrowStaleMillis);
  }
}
