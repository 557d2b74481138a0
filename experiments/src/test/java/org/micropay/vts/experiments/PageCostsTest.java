package org.micropay.vts.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class PageCostsTest {
  @Test
  void shouldTellFromWhichPageOnATicketIsATenthOfBoth() {
    PageCosts costs = new PageCosts(15, 20, List.of());
    assertEquals(135, costs.withinFromMicros(), 1e-9);
    assertEquals(PageCosts.WITHIN, 135 / (135 + costs.ticketMicros()), 1e-12);
    assertEquals(1870.0 / 1885, costs.paperShare(), 1e-12);
  }
}
