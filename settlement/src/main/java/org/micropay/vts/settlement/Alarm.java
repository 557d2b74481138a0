package org.micropay.vts.settlement;

/** What the operator should look at. The names are stable: status, metrics and runbook use them. */
public enum Alarm {
  /** The operator has paused settlement: nothing new is signed. */
  SETTLEMENT_PAUSED,
  /** Claims wait, and the fee wallet has no confirmed coin that could pay for them. */
  FEE_WALLET_EXHAUSTED,
  /** Fewer than two confirmed coins are left in the fee wallet. */
  FEE_WALLET_LOW,
  /** A batch is not mined and its fee cannot be raised any more. */
  BATCH_STUCK,
  /** The chain refuses a batch for a reason that waiting does not mend. */
  BATCH_REFUSED,
  /** A claim is not settled yet and a buyer's refund is near. */
  REFUND_NEAR,
  /** The funding of granted escrows was undone in a reorganization. */
  CLAIMS_UNFUNDED,
  /** Granted claims were lost: a refund came first, or a funding was double-spent. */
  CLAIMS_LOST,
  /** Claims wait for a lower fee rate. */
  FEE_RATE_HIGH,
  /** The fee wallet is watch-only, and claims wait for its holder's signature. */
  SIGNATURE_NEEDED,
  /** Who spent a claim's escrow stands in a block that the node has pruned. */
  BLOCK_PRUNED
}
