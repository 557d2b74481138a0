package org.micropay.vts.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A benchmark of something that does not work measures nothing. */
class PaperOperationsTest {
  private final PaperOperations operations = new PaperOperations();

  @BeforeEach
  void setUp() {
    operations.setUp();
  }

  @AfterEach
  void tearDown() {
    operations.tearDown();
  }

  @Test
  void shouldDoWhatTheyMeasure() {
    assertNotEquals(operations.requestTicket(), operations.requestTicket());
    assertNotEquals(operations.requestTicketFast(), operations.requestTicketFast());
    assertNotEquals(operations.makeTicket(), operations.makeTicket());
    assertTrue(operations.checkTicket());
    assertEquals(64, operations.vtsCheck().length);
  }
}
