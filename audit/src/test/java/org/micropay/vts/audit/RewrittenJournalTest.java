package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.micropay.vts.audit.HonestJournalTest.audit;
import static org.micropay.vts.audit.HonestJournalTest.options;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.micropay.vts.audit.JournalEdit.Entry;
import org.micropay.vts.secp256k1.Kernels;

/** A journal that is consistent in itself and not the one that was written. */
class RewrittenJournalTest extends EditedHistory {
  @Test
  void shouldNameAJournalWrittenAnewByAnEarlierCheckpoint() {
    // Without its last grant and all that followed: nothing in the journal itself tells.
    int lastGrant = (int) vts.granted.getLast().position();
    Checkpoint earlier = checkpoint(honest);
    List<Entry> shorter = entries.subList(0, lastGrant - 1);
    Path journal =
        JournalEdit.rewrite(
            folder.resolve("anew"), TestVts.identity(vts.vtsPublic), List.copyOf(shorter));
    assertEquals(List.of(), audit(journal).findings());
    AuditReport report =
        Auditor.run(
            options(journal, Optional.empty(), List.of(earlier), Kernels.select(Kernels.AUTO), 1),
            AuditProgress.NONE);
    assertFirst(AuditFinding.CHECKPOINT, lastGrant, report);
  }

  @Test
  void shouldNameAnotherHistoryOfTheSameLengthByAnEarlierCheckpoint() {
    Entry last = entries.getLast();
    AuditReport report =
        rewritten(
            list -> list.set(list.size() - 1, last.withTime(last.timeMillis() + 1)),
            List.of(checkpoint(honest)));
    assertFirst(AuditFinding.CHECKPOINT, entries.size(), report);
    assertEquals(1, report.findings().size());
  }

  @Test
  void shouldAcceptAJournalThatGrewSinceTheCheckpoint() {
    Path journal = folder.resolve("growing");
    try (TestVts growing = new TestVts(journal, 13)) {
      growing.tick();
      Checkpoint earlier = checkpoint(journal);
      growing.openEpoch();
      growing.tick();
      AuditReport report =
          Auditor.run(
              options(journal, Optional.empty(), List.of(earlier), Kernels.select(Kernels.AUTO), 1),
              AuditProgress.NONE);
      assertEquals(List.of(), report.findings());
      assertTrue(report.checkpoint().position() > earlier.position());
    }
  }
}
