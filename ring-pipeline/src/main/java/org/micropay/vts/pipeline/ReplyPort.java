package org.micropay.vts.pipeline;

/**
 * Port: the way of answers back to the edge. Called by the reply stage's thread alone.
 *
 * <p>An implementation never blocks and never throws for a client's fault (a closed connection, a
 * slow reader): an exception halts the process.
 */
public interface ReplyPort {
  /**
   * One claim has its final answer: durable, and for a grant signed.
   *
   * @param slot valid during the call only; copy what must outlive it
   */
  void onReply(ClaimSlot slot);

  /** The replies since the last call may be flushed. */
  void endOfBatch();
}
