package org.micropay.vts.audit;

/** Takes what is found about the record that is being looked at. */
@FunctionalInterface
interface Objections {
  /** The record does not hold; {@code detail} is one line. */
  void find(AuditFinding code, String detail);
}
