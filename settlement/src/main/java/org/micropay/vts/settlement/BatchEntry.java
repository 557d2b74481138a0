package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.micropay.vts.ticket.Bytes32;

/**
 * One batch with all its transactions, of which the newest is the one to send. {@link BatchLog}
 * changes it, everybody else reads. The chain thread owns it.
 */
final class BatchEntry {
  /** Where a batch stands. The order is stored in snapshots and never changes. */
  enum Status {
    /** Its bytes are in the journal. */
    STORED,
    /** The network has it. */
    BROADCAST,
    /** In a block. */
    CONFIRMED,
    /** Deep enough. */
    FINAL,
    /** Given up. */
    ABANDONED
  }

  final int number;
  final List<Batch> attempts = new ArrayList<>();
  final Set<Integer> broadcast = new HashSet<>();
  Status status = Status.STORED;
  int confirmedAttempt = -1;
  int height;
  Bytes32 blockHash = Bytes32.ZERO;

  BatchEntry(int number) {
    this.number = number;
  }

  Batch latest() {
    return attempts.getLast();
  }

  int latestAttempt() {
    return attempts.size() - 1;
  }

  boolean live() {
    return status == Status.STORED || status == Status.BROADCAST;
  }

  boolean confirmed() {
    return status == Status.CONFIRMED || status == Status.FINAL;
  }

  List<ReleasePair> pairs() {
    return attempts.getFirst().pairs();
  }

  /** The lowest refund height among its claims: from then on a buyer can be first. */
  int deadline() {
    return Collections.min(pairs().stream().map(ReleasePair::refundHeight).toList());
  }

  @Override
  public String toString() {
    return "batch %d %s attempts %s broadcast %s confirmed %d at %d %s"
        .formatted(
            number,
            status,
            attempts.stream().map(Batch::txid).toList(),
            broadcast.stream().sorted().toList(),
            confirmedAttempt,
            height,
            blockHash);
  }
}
