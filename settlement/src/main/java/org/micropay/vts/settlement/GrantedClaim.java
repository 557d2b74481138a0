package org.micropay.vts.settlement;

import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;

/**
 * A grant handed to settlement, which never has the key that made the signature.
 *
 * @param position of the grant in the journal
 * @param claim canonical bytes; not copied, not to be changed
 * @param counterSignature the VTS's signature over the release, 64 bytes
 */
public record GrantedClaim(long position, byte[] claim, byte[] counterSignature) {
  /** The input/output pair that settles it. */
  ReleasePair pair() {
    return ReleasePair.of(position, Claim.decode(claim), CompactSignature.of(counterSignature));
  }
}
