package org.micropay.vts.appliance.server;

import org.agrona.DirectBuffer;
import org.micropay.vts.pipeline.ClaimIngress;
import org.micropay.vts.ticket.AnswerCode;

/**
 * The claims' way in, shut while the server catches up with the chain: then each block that is told
 * makes the ledger's tip look fresh, although a later one may hold an escrow's spend. Shut at the
 * start and whenever the view of the chain went stale; opened only when the follower has reached
 * the best block.
 *
 * <p>Any thread may publish; the settlement thread alone opens and shuts.
 */
public final class ClaimGate {
  private static final int CHAIN_STALE = AnswerCode.CHAIN_STALE.number();

  private final ClaimIngress ingress;
  private volatile boolean open;

  private ClaimGate(ClaimIngress ingress, boolean open) {
    this.ingress = ingress;
    this.open = open;
  }

  /** A gate that is shut until {@link #update} opens it. */
  public static ClaimGate shut(ClaimIngress ingress) {
    return new ClaimGate(ingress, false);
  }

  /** A gate that stays open, for a pipeline without a chain behind it. */
  public static ClaimGate open(ClaimIngress ingress) {
    return new ClaimGate(ingress, true);
  }

  /**
   * Tells how things stand.
   *
   * @param synced whether the follower is at the best block
   * @param stale whether the ledger's view of the chain is stale
   */
  void update(boolean synced, boolean stale) {
    if (synced) {
      open = true;
    } else if (stale) {
      open = false;
    }
  }

  /** Whether claims pass. */
  public boolean isOpen() {
    return open;
  }

  /** As {@link ClaimIngress#tryPublish}, or CHAIN_STALE while the gate is shut. */
  public int tryPublish(
      long connectionId,
      long correlationId,
      long timeMillis,
      long ingressNanos,
      DirectBuffer source,
      int offset,
      int length) {
    return open
        ? ingress.tryPublish(
            connectionId, correlationId, timeMillis, ingressNanos, source, offset, length)
        : CHAIN_STALE;
  }

  /** When a client that was refused for now should come back, milliseconds. */
  public int retryAfterMillis(AnswerCode code) {
    return code == AnswerCode.OVERLOADED || code == AnswerCode.TOO_MANY_IN_FLIGHT
        ? (int) ingress.retryAfterMillis()
        : RetryHints.millis(code);
  }
}
