package org.micropay.vts.audit;

import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.journal.FrameRange;

/**
 * What a checker found in one range. Belongs to whoever holds the range; reused, and without
 * allocation as long as nothing is found.
 */
final class RangeResult {
  private static final int KEPT = 64;

  private final List<Finding> findings = new ArrayList<>();
  private int firstBroken;
  long signatures;

  void clear() {
    findings.clear();
    firstBroken = Integer.MAX_VALUE;
    signatures = 0;
  }

  void find(FrameRange range, int index, AuditFinding code, String detail) {
    if (code.isStructural()) {
      firstBroken = Math.min(firstBroken, index);
    }
    if (findings.size() < KEPT) {
      findings.add(
          new Finding(
              code, range.position(index), range.file().toString(), range.offset(index), detail));
    }
  }

  List<Finding> findings() {
    return findings;
  }

  /** Index of the first frame whose bytes cannot be relied on. */
  int firstBroken() {
    return firstBroken;
  }
}
