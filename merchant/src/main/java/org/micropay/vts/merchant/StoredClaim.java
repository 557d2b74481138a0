package org.micropay.vts.merchant;

import java.util.Optional;
import org.micropay.vts.ticket.Claim;

/**
 * A winner and what the VTS said of it.
 *
 * @param claim the winner; its r1 and s are secret until it was sent
 * @param wonAtMillis Unix time of the win
 * @param reply the final answer; empty while there is none
 */
public record StoredClaim(Claim claim, long wonAtMillis, Optional<ClaimReply> reply) {
  StoredClaim with(ClaimReply answer) {
    return new StoredClaim(claim, wonAtMillis, Optional.of(answer));
  }
}
