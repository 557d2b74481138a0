package org.micropay.vts.appliance.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.micropay.vts.appliance.server.EscrowStatus;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.ticket.Terms;

/**
 * What a merchant asks before serving: is the escrow still unspent, how deep, how long, what stands
 * behind it?
 *
 * @param state UNKNOWN, UNCONFIRMED, LIVE, REFUND_NEAR, GRANTED, DOUBLE_SPENT or SPENT
 * @param termsDigest hex
 * @param terms base64url of the 130 bytes
 * @param outpoint txid:vout as explorers show it
 * @param value satoshi locked
 * @param payout satoshi for a winner
 * @param odds N of 1/N
 * @param refundHeight from this block on the buyer can take the coins back
 * @param position journal record of the registration
 * @param confirmations of the funding
 * @param blocksToRefund from the tip to the refund height
 * @param grantedClaimId hex; absent before a grant
 * @param grantPosition journal record of the grant; absent before
 * @param doubleSpendPosition journal record of the proof; absent without one
 * @param deposit what is burnt on a proof; absent without one
 * @param tipHeight the block as of which this holds
 * @param tipHash its hash as explorers show it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record EscrowAnswer(
    String state,
    String termsDigest,
    String terms,
    String outpoint,
    Long value,
    Long payout,
    Integer odds,
    Integer refundHeight,
    Long position,
    Integer confirmations,
    Integer blocksToRefund,
    String grantedClaimId,
    Long grantPosition,
    Long doubleSpendPosition,
    DepositAnswer deposit,
    int tipHeight,
    String tipHash) {

  /**
   * A penalty deposit.
   *
   * @param value satoshi
   * @param refundHeight from this block on the buyer can take it back
   * @param shares live escrows it stands behind
   */
  record DepositAnswer(long value, int refundHeight, int shares) {}

  static EscrowAnswer of(EscrowStatus status) {
    EscrowInfo info = status.info().orElse(null);
    Terms terms = info == null ? null : info.terms();
    return new EscrowAnswer(
        status.state().name(),
        status.termsDigest().toHex(),
        terms == null ? null : terms.toBase64Url(),
        terms == null ? null : terms.outpoint().toString(),
        terms == null ? null : (Long) terms.value(),
        terms == null ? null : (Long) terms.payout(),
        terms == null ? null : (Integer) terms.odds(),
        terms == null ? null : (Integer) terms.refundHeight(),
        info == null ? null : (Long) info.registrationPosition(),
        info == null ? null : (Integer) info.confirmations(),
        terms == null ? null : (Integer) (terms.refundHeight() - status.tip().height()),
        info == null ? null : info.claimId().map(Object::toString).orElse(null),
        info == null || info.grantPosition() == 0 ? null : (Long) info.grantPosition(),
        info == null || info.doubleSpendPosition() == 0 ? null : (Long) info.doubleSpendPosition(),
        info == null
            ? null
            : info.deposit()
                .map(
                    d ->
                        new DepositAnswer(
                            d.deposit().value(), d.deposit().refundHeight(), d.escrows()))
                .orElse(null),
        status.tip().height(),
        status.tip().hash().toReversedHex());
  }
}
