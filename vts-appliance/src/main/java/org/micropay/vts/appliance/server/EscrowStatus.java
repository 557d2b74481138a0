package org.micropay.vts.appliance.server;

import java.util.Optional;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.ledger.TipInfo;
import org.micropay.vts.ticket.Bytes32;

/**
 * What a merchant wants to know of an escrow before he serves, as of one block.
 *
 * @param state one word for the decision
 * @param termsDigest what was asked for
 * @param info what the ledger holds; empty for an unknown escrow
 * @param tip the block as of which this holds
 */
public record EscrowStatus(
    State state, Bytes32 termsDigest, Optional<EscrowInfo> info, TipInfo tip) {

  /** Where an escrow stands. The order is that of the claim stream's EscrowState. */
  public enum State {
    /** Not registered. */
    UNKNOWN,
    /** The funding is not deep enough yet. */
    UNCONFIRMED,
    /** A winning claim would be granted now. */
    LIVE,
    /** Too near to the refund height. */
    REFUND_NEAR,
    /** Granted to one claim. */
    GRANTED,
    /** Granted, and a second winner is proven. */
    DOUBLE_SPENT,
    /** The output is spent, and no claim was granted. */
    SPENT
  }
}
