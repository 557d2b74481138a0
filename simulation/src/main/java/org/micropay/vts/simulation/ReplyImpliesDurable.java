package org.micropay.vts.simulation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
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
    List<String> lost = new ArrayList<>();
    for (Answer answer : acknowledged.values()) {
      JournalContents.Decided record = contents.at(answer.position());
      if (record == null) {
        lost.add("%s; the journal ends at %d".formatted(answer, contents.last()));
      } else if (!holds(answer, record)) {
        lost.add("%s; that record now is %s".formatted(answer, record));
      }
    }
    for (long position : registered) {
      if (!contents.isRegistration(position)) {
        lost.add("the registration at %d".formatted(position));
      }
    }
    if (!lost.isEmpty()) {
      String others = lost.size() == 1 ? "" : ", and %d others".formatted(lost.size() - 1);
      throw Violation.lost(name(), lost.size(), "LOST: " + lost.getFirst() + others);
    }
  }

  private static boolean holds(Answer answer, JournalContents.Decided record) {
    return answer.isGrant()
        ? record.grant() && record.claimId().equals(answer.claimId())
        : !record.grant() && record.outpoint().equals(answer.intent().outpoint());
  }

  /** Answers that rest on a record. */
  int count() {
    return acknowledged.size();
  }
}
