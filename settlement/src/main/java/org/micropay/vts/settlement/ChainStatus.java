package org.micropay.vts.settlement;

import org.micropay.vts.ticket.Network;

/**
 * What a chain says about itself.
 *
 * @param network which chain it is
 * @param tip its best block
 * @param headers height of the best header it knows; above the tip while it catches up
 * @param initialDownload whether it is still loading history
 * @param pruned whether it forgets old blocks
 */
public record ChainStatus(
    Network network, BlockRef tip, int headers, boolean initialDownload, boolean pruned) {

  /** Whether its tip can be believed to be the network's. */
  public boolean synced() {
    return !initialDownload && headers <= tip.height();
  }
}
