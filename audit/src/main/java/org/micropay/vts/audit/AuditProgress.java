package org.micropay.vts.audit;

/** Is told how far an audit has come. Called by the thread that runs it. */
@FunctionalInterface
public interface AuditProgress {
  /** Nobody looks. */
  AuditProgress NONE = (done, total) -> {};

  /**
   * Some more records were audited.
   *
   * @param done so far
   * @param total about how many there are
   */
  void advanced(long done, long total);
}
