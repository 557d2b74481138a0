package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Transaction;
import java.util.List;
import org.micropay.vts.ticket.Outpoint;

/**
 * Follows the chain beside the ledger. Called by the chain thread, before the block's own command
 * to the ledger when it is connected and after it when it is disconnected, so that a restart at any
 * instant tells a block again rather than skip it. Must be idempotent for that reason.
 */
interface BlockListener {
  /**
   * A watched output is spent.
   *
   * @param inputIndex which input of the transaction spends it
   */
  record Spend(Outpoint outpoint, Transaction tx, int inputIndex) {}

  /**
   * A block is put on the tip.
   *
   * @param transactions all of them
   * @param spends of watched outputs
   */
  void onConnected(BlockRef block, List<Transaction> transactions, List<Spend> spends);

  /** The tip is taken off. */
  void onDisconnected(BlockRef block);
}
