package org.micropay.vts.audit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.micropay.vts.ticket.Bytes32;

/**
 * Records whose chain hash is known from elsewhere: from checkpoints and anchors that the auditor
 * brought, from snapshots, from the archive's manifest. Each is compared when the record comes by.
 * One thread.
 */
final class KnownPoints {
  /**
   * One of them.
   *
   * @param position of the record; 0 for what the first one continues
   * @param chain its chain hash
   * @param code what it is when they differ
   * @param source where it is from, for people
   */
  record Known(long position, Bytes32 chain, AuditFinding code, String source) {}

  private final List<Known> points = new ArrayList<>();
  private int next;
  private boolean sorted;

  void add(Known point) {
    points.add(point);
    sorted = false;
  }

  private void sort() {
    if (!sorted) {
      points.sort(Comparator.comparingLong(Known::position));
      sorted = true;
    }
  }

  /** The record at {@code position} has this chain hash; positions come in order. */
  void compare(long position, byte[] chain, Objections objections) {
    sort();
    while (next < points.size() && points.get(next).position <= position) {
      Known point = points.get(next++);
      if (point.position == position && !point.chain.equalsAt(chain, 0)) {
        objections.find(
            point.code,
            "chain %s, %s has %s"
                .formatted(Bytes32.of(chain).toHex(), point.source, point.chain.toHex()));
      }
    }
  }

  /**
   * Those of records that the journal, which ends at {@code last}, does not hold.
   *
   * @param live whether it goes on; then a snapshot may be of a record that came meanwhile
   */
  void end(long last, boolean live, Objections objections) {
    sort();
    for (Known point : points) {
      boolean meanwhile = live && point.code == AuditFinding.SNAPSHOT;
      if (point.position > last && !meanwhile) {
        objections.find(
            point.code,
            "%s is of position %d; the journal ends at %d"
                .formatted(point.source, point.position, last));
      }
    }
  }
}
