package org.micropay.vts.pipeline;

/**
 * Answer to one command, called by the reply stage's thread once the command's record is durable.
 *
 * <p>Never called after a halt: what is not complete then is found in the journal or did not
 * happen. Must not block or throw; hand over to another thread for anything longer than a queue
 * offer.
 */
@FunctionalInterface
public interface CommandCompletion {
  /** For a command whose outcome nobody waits for, such as a clock tick. */
  CommandCompletion NONE = (type, code, position) -> {};

  /**
   * The command has been decided and, if it changed anything, journaled durably.
   *
   * @param type number of the command's {@link org.micropay.vts.ledger.RecordType}
   * @param code number of an {@link org.micropay.vts.ticket.AnswerCode}; 0 when it has no answer
   * @param position of the record that holds the effect; 0 when nothing changed
   */
  void onCommand(int type, int code, long position);
}
