package org.micropay.vts.simulation;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.micropay.vts.ledger.Ledger;

/**
 * What was answered is on the disk when the answer leaves, and is found there after every recovery.
 */
final class ReplyImpliesDurable extends Checker {
  private final Map<Long, Answer> acknowledged = new LinkedHashMap<>();
  private final Set<Long> registered = new HashSet<>();

  @Override
  void onAnswer(Answer answer, long durable) {
    require(answer.position() <= durable, "%s left while %d was durable", answer, durable);
    if (answer.isReceipt()) {
      acknowledged.put(answer.delivery(), answer);
    }
  }

  @Override
  void onGrant(Answer grant, long durable) {
    require(grant.position() <= durable, "%s went to settlement, %d durable", grant, durable);
  }

  @Override
  void onCommand(long position, long durable) {
    require(position <= durable, "a command at %d was answered, %d durable", position, durable);
  }

  @Override
  void onRegistered(long position) {
    registered.add(position);
  }

  @Override
  void onRecovered(JournalContents contents, Ledger ledger, Path journal) {
    for (Answer answer : acknowledged.values()) {
      JournalContents.Decided record = contents.at(answer.position());
      require(record != null, "LOST: %s; the journal ends at %d", answer, contents.last());
      boolean holds =
          answer.isGrant()
              ? record.grant() && record.claimId().equals(answer.claimId())
              : !record.grant() && record.outpoint().equals(answer.intent().outpoint());
      require(holds, "LOST: %s; that record now is %s", answer, record);
    }
    for (long position : registered) {
      require(contents.isRegistration(position), "LOST: the registration at %d", position);
    }
  }

  /** Answers that rest on a record. */
  int count() {
    return acknowledged.size();
  }
}
