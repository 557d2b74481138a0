package org.micropay.vts.settlement;

import java.util.Objects;
import org.micropay.vts.ticket.Outpoint;

/**
 * An output that the ledger knows: of an escrow or of a deposit.
 *
 * @param outpoint where it is
 * @param fundedHeight height of its block; 0 when it lost its confirmation
 * @param spentHeight height of the block that spends it; 0 when nothing does
 */
public record WatchedOutput(Outpoint outpoint, int fundedHeight, int spentHeight) {
  /** Checks that the outpoint is there. */
  public WatchedOutput {
    Objects.requireNonNull(outpoint);
  }
}
