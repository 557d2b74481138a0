package org.micropay.vts.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Sizes at or below the paper's. */
class MessageSizesTest {
  @Test
  void shouldNotExceedThePaper() {
    for (MessageSizes.Size size : MessageSizes.measure()) {
      assertEquals((size.binary() * 4 + 2) / 3, plain(size), size.toString());
      if (size.message().equals("ticket") || size.script().equals("P2WPKH") && size.paper() > 0) {
        assertTrue(size.base64Url() <= size.paper(), size.toString());
      }
    }
  }

  /** Without what the header adds in words. */
  private static int plain(MessageSizes.Size size) {
    return size.message().contains("header") ? (size.binary() * 4 + 2) / 3 : size.base64Url();
  }
}
