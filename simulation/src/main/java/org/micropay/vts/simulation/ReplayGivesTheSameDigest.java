package org.micropay.vts.simulation;

import java.nio.file.Path;
import java.util.Arrays;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.settlement.Chain;

/**
 * A replay of the journal from its first record leads to the state that the server has: the same
 * digest, and, so that a digest that leaves something out cannot hide a difference, the same
 * snapshot.
 */
final class ReplayGivesTheSameDigest extends Checker {
  private final Parts parts;

  ReplayGivesTheSameDigest(Parts parts) {
    this.parts = parts;
  }

  @Override
  void onRecovered(JournalContents contents, Ledger ledger, Path journal) {
    try (JournalFold fold = new JournalFold();
        JournalReader reader = JournalReader.open(journal)) {
      while (reader.next(fold)) {
        // The fold has it.
      }
      Ledger replayed = fold.ledger();
      require(
          replayed.lastPosition() == ledger.lastPosition(),
          "the replay ends at %d, the server is at %d",
          replayed.lastPosition(),
          ledger.lastPosition());
      String expected = parts.digest(replayed);
      String found = parts.digest(ledger);
      require(expected.equals(found), "replay gives %s, the server has %s", expected, found);
      require(
          Arrays.equals(Snapshots.of(replayed), Snapshots.of(ledger)),
          "one digest, %s, for two different states",
          found);
    }
  }

  @Override
  void atEnd(JournalContents contents, Ledger ledger, Path journal, Chain chain) {
    onRecovered(contents, ledger, journal);
  }
}
