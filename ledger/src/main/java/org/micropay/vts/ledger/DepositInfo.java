package org.micropay.vts.ledger;

import java.util.Objects;
import org.micropay.vts.ticket.Deposit;

/**
 * A penalty deposit as the ledger knows it. Immutable.
 *
 * @param deposit as it was registered first; its keys are those of the escrow's terms
 * @param fundedHeight height of the block that holds its output; 0 when none does
 * @param spentHeight height of the block that holds its spend; 0 when unspent
 * @param escrows live escrows that it stands behind
 */
public record DepositInfo(Deposit deposit, int fundedHeight, int spentHeight, int escrows) {
  /** Checks that the deposit is there. */
  public DepositInfo {
    Objects.requireNonNull(deposit);
  }
}
