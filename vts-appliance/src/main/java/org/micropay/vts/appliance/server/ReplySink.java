package org.micropay.vts.appliance.server;

import org.micropay.vts.pipeline.ClaimSlot;

/** One client's way out. Called by the reply stage's thread alone; never blocks, never throws. */
public interface ReplySink {
  /**
   * One of this client's claims is answered.
   *
   * @param slot valid during the call only
   */
  void onReply(ClaimSlot slot);

  /** What was answered since the last call may leave now. */
  void flush();
}
