package org.micropay.vts.appliance.http;

import org.micropay.vts.appliance.server.ClaimLookup;

/**
 * What anyone may know of a granted claim. The counter-signature is not told here: whoever has the
 * claim gets it by sending the claim again.
 *
 * @param claimId hex
 * @param code GRANTED
 * @param position journal record of the grant
 * @param termsDigest the escrow, hex
 */
record DecidedClaim(String claimId, String code, long position, String termsDigest) {
  static DecidedClaim of(ClaimLookup.Decided decided) {
    return new DecidedClaim(
        decided.claimId().toHex(),
        decided.code().name(),
        decided.position(),
        decided.termsDigest().toHex());
  }
}
