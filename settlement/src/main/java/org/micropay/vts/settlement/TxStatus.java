package org.micropay.vts.settlement;

/** Where a transaction is. */
public sealed interface TxStatus {
  /** In the mempool. */
  record InMempool() implements TxStatus {}

  /**
   * In a block of the best chain.
   *
   * @param block that block
   */
  record Confirmed(BlockRef block) implements TxStatus {}

  /** Neither, as far as the chain can tell. */
  record Unknown() implements TxStatus {}
}
