package org.micropay.vts.audit;

import java.util.Comparator;

/**
 * One thing that an audit found.
 *
 * @param code what
 * @param position of the record
 * @param file that holds it; empty when there is none
 * @param offset of its frame in the file
 * @param detail one line: which value was found, which was expected
 */
public record Finding(AuditFinding code, long position, String file, long offset, String detail) {
  /** The earliest record first, and of one record the most basic finding. */
  static final Comparator<Finding> ORDER =
      Comparator.comparingLong(Finding::position).thenComparingInt(f -> f.code().number());
}
