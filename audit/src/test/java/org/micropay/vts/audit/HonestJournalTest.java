package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.PublicKey;

/** What an honest VTS wrote is found clean. */
class HonestJournalTest {
  @TempDir Path folder;

  static AuditReport audit(Path journal) {
    return Auditor.run(AuditOptions.of(journal, Kernels.select(Kernels.AUTO)), AuditProgress.NONE);
  }

  static AuditOptions options(
      Path journal,
      Optional<PublicKey> vtsKey,
      List<EarlierState> checkpoints,
      Kernel kernel,
      int threads) {
    return new AuditOptions(
        JournalPlaces.of(journal), Optional.empty(), vtsKey, checkpoints, kernel, threads);
  }

  @Test
  void shouldFindHonestJournalsClean() {
    long seed = Seeds.seed("shouldFindHonestJournalsClean");
    for (int i = 0; i < 4; i++) {
      Path journal = folder.resolve("journal-" + i);
      try (TestVts vts = new TestVts(journal, seed + i)) {
        vts.liveALittle(60);
        vts.openEpoch();
        vts.raiseCapacity();
        vts.liveALittle(40);
        AuditReport live = audit(journal);
        assertEquals(List.of(), live.findings());
        assertTrue(live.live(), live.end());
        assertEquals(vts.position(), live.checkpoint().position());
      }
      AuditReport report = audit(journal);
      assertEquals(List.of(), report.findings());
      assertFalse(report.live());
      assertTrue(report.grants() > 0 && report.doubleSpends() > 0 && report.paidClaims() > 0);
      assertEquals(report.checkpoint().position(), report.decidedThrough());
      assertEquals(report.records().get("STATE_DIGEST"), report.stateDigests());
    }
  }

  @Test
  void shouldCountEverySignature() {
    Path journal = folder.resolve("journal");
    try (TestVts vts = new TestVts(journal, 7)) {
      vts.register(false);
      vts.register(true);
      vts.decide(vts.claim(vts.newest()));
      vts.decide(vts.claim(vts.newest()));
      vts.settleAll(vts.granted);
    }
    // 1 registration, 1 with a deposit, 2 claims, 1 release.
    assertEquals(1 + 2 + 2 * 2 + 2, audit(journal).signatures());
  }

  @Test
  void shouldFindTheSameWithOneThreadAndWithTheScalarKernel() {
    Path journal = folder.resolve("journal");
    try (TestVts vts = new TestVts(journal, 8)) {
      vts.liveALittle(40);
    }
    AuditReport all = audit(journal);
    AuditReport one =
        Auditor.run(
            options(journal, Optional.empty(), List.of(), Kernels.select(Kernels.SCALAR), 1),
            AuditProgress.NONE);
    assertEquals(all.checkpoint(), one.checkpoint());
    assertEquals(all.signatures(), one.signatures());
    assertEquals(List.of(), one.findings());
  }
}
