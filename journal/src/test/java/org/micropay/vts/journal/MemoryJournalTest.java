package org.micropay.vts.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.micropay.vts.journal.JournalException.Reason;

class MemoryJournalTest extends JournalContractTest {

  @Override
  Journal create() {
    return MemoryJournal.create(TestFrames.IDENTITY);
  }

  @Override
  Journal reopen(Journal journal) {
    journal.close();
    return ((MemoryJournal) journal).crash(0);
  }

  @Override
  JournalReader reader(Journal journal) {
    return ((MemoryJournal) journal).reader();
  }

  @Test
  void shouldKeepWhatWasDurableWhenItCrashes() {
    MemoryJournal journal = MemoryJournal.create(TestFrames.IDENTITY);
    for (int i = 1; i <= 10; i++) {
      TestFrames.append(journal, TestFrames.frame(1, i, 100, 1));
      if (i == 6) {
        journal.sync();
      }
    }
    MemoryJournal left = journal.crash(2);
    assertEquals(9, left.nextPosition());
    assertEquals(8, left.durablePosition());
    assertEquals(7, left.crash(0).crash(0).nextPosition() - 2);
    assertEquals(8, TestFrames.readAll(left.reader()).size());
  }

  @Test
  void shouldRefuseEverythingAfterAFailedSync() {
    MemoryJournal journal = MemoryJournal.create(TestFrames.IDENTITY);
    TestFrames.append(journal, TestFrames.frame(1, 1, 100, 1));
    journal.failNextSync();
    assertEquals(Reason.IO, assertThrows(JournalException.class, journal::sync).reason());
    assertEquals(Reason.CLOSED, assertThrows(JournalException.class, journal::sync).reason());
    assertEquals(0, journal.durablePosition());
    journal.setBelowReserve(true);
    assertTrue(journal.belowReserve());
  }
}
