package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The turns of reply stage and settlement, one at a time; jcstress has them side by side. */
class MissedGrantsTest {
  private final MissedGrants missed = new MissedGrants();

  @Test
  void shouldLetTheFeedGoOnBeforeItAsksForTheEnd() {
    missed.open(1);
    missed.next();
    missed.passed(1);
    missed.settle(
        1,
        () -> {
          assertFalse(missed.isOpen(), "grants are still left out while the end is read");
          return 2;
        });
    assertTrue(missed.isPending(), "grant 2 may have been left out");
    assertEquals(2, missed.next());
    missed.passed(2);
    missed.settle(2, () -> 2);
    assertFalse(missed.isPending());
  }
}
