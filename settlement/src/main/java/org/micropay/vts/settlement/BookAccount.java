package org.micropay.vts.settlement;

/**
 * The accounts of the books. A satoshi is always on exactly one of them; what the VTS watches over
 * (escrows, deposits, fee wallet) has the balance that the chain's unspent outputs must show, the
 * others only ever give or take.
 */
public enum BookAccount {
  /** Where escrows and deposits come from; negative by what buyers brought in. */
  BUYERS,
  /** Registered escrows that are confirmed and unspent. */
  ESCROWS,
  /** Passed through: what a granted escrow holds above its payout, on its way to fees or change. */
  FEE_ALLOWANCES,
  /** Paid to merchants by granted claims. */
  PAYOUTS,
  /** Taken back by buyers, their transactions' fees included. */
  REFUNDS,
  /** Registered deposits that are confirmed and unspent. */
  DEPOSITS,
  /** Burnt for ever. */
  BURNED,
  /** The fee wallet's confirmed coins. */
  WALLET,
  /** The operator outside the VTS: negative by what was put into the fee wallet. */
  OPERATOR,
  /** To miners, as far as the VTS's and lone release transactions paid them. */
  FEES,
  /** What merchants' own transactions did with the fee allowance beside other inputs. */
  ELSEWHERE
}
