package org.micropay.vts.appliance.server;

import java.util.Optional;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;

/** Finds what was decided on a claim; from memory, any thread. */
@FunctionalInterface
public interface ClaimLookup {
  /**
   * A decided claim.
   *
   * @param claimId which
   * @param code GRANTED
   * @param position its journal record
   * @param termsDigest the escrow it was granted on
   */
  record Decided(Bytes32 claimId, AnswerCode code, long position, Bytes32 termsDigest) {}

  /** The decision on the claim, when it was granted. */
  Optional<Decided> find(Bytes32 claimId);
}
