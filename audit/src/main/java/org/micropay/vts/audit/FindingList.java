package org.micropay.vts.audit;

import java.util.ArrayList;
import java.util.List;

/** Findings as they come, the first hundred of them; a broken journal would bring one a record. */
final class FindingList {
  static final int KEPT = 100;

  private final List<Finding> findings = new ArrayList<>();

  void add(Finding finding) {
    if (findings.size() < KEPT) {
      findings.add(finding);
    }
  }

  boolean isEmpty() {
    return findings.isEmpty();
  }

  /** In the order of the records. */
  List<Finding> sorted() {
    return findings.stream().sorted(Finding.ORDER).toList();
  }
}
