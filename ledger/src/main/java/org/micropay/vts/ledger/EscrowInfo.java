package org.micropay.vts.ledger;

import java.util.Objects;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Terms;

/**
 * An escrow as the ledger knows it at one moment. Immutable.
 *
 * @param terms the registered terms
 * @param registrationPosition journal position of its registration
 * @param fundedHeight height of the block that holds its output; 0 when none does
 * @param confirmations blocks on that output at the ledger's tip, itself included; 0 when none
 * @param spentHeight height of the block that holds its spend; 0 when unspent
 * @param grantPosition journal position of its grant; 0 when there is none
 * @param claimId id of the granted claim
 * @param doubleSpendPosition journal position of the first double-spend proof; 0 when none
 * @param deposit what stands behind it
 */
public record EscrowInfo(
    Terms terms,
    long registrationPosition,
    int fundedHeight,
    int confirmations,
    int spentHeight,
    long grantPosition,
    Optional<Bytes32> claimId,
    long doubleSpendPosition,
    Optional<DepositInfo> deposit) {
  /** Checks that the parts are there. */
  public EscrowInfo {
    Objects.requireNonNull(terms);
    Objects.requireNonNull(claimId);
    Objects.requireNonNull(deposit);
  }

  /** Whether a claim was granted on it. */
  public boolean isGranted() {
    return grantPosition != 0;
  }
}
