package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class Secp256k1Test {
  /** By default this call ends the JVM with abort(). */
  @Test
  void shouldSurviveAnIllegalCallAndRefuseToGoOn() {
    try (Arena arena = Arena.ofConfined()) {
      Secp256k1 secp256k1 = Secp256k1.create(arena);
      MemorySegment zero = arena.allocate(64, 8);
      secp256k1.requireNoFault();
      assertFalse(secp256k1.verify(0L, zero.address(), zero.address()));
      IllegalStateException fault =
          assertThrows(IllegalStateException.class, secp256k1::requireNoFault);
      assertTrue(fault.getMessage().contains("!= NULL"), fault.getMessage());
    }
  }
}
