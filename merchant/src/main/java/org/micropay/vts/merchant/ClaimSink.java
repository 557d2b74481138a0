package org.micropay.vts.merchant;

import org.micropay.vts.ticket.Claim;

/** Where winners are claimed: the VTS, over whichever transport. Any thread. */
@FunctionalInterface
public interface ClaimSink {
  /**
   * Claims and waits for the answer; the same claim may be sent any number of times.
   *
   * @throws VtsException when there was no answer
   */
  ClaimReply claim(Claim claim);
}
