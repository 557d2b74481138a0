package org.micropay.vts.pipeline;

/**
 * Port: the stream of new grants to settlement, in journal order, each exactly once per process
 * run.
 *
 * <p>Called by the reply stage's thread after the grant is durable and signed, before its reply. An
 * implementation never blocks; what it cannot take it may drop, since unsettled grants are found in
 * the journal and signed again, byte for byte, after a restart.
 */
@FunctionalInterface
public interface GrantPort {
  /**
   * One escrow has been granted.
   *
   * @param slot valid during the call only: position, canonical claim bytes, counter-signature
   */
  void onGrant(ClaimSlot slot);
}
