package org.micropay.vts.appliance.server;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;

/** A bug on purpose: zeros the grant positions in the ledger's memory. */
final class LedgerBug {
  private static final int GRANT_POSITION = 24;
  private static final int ENTRY = 168;
  private static final int SLOTS = 64;

  private LedgerBug() {}

  static void forgetGrants(VtsServer server) throws ReflectiveOperationException {
    Recovery.Recovered recovered = (Recovery.Recovered) get(server, "recovered");
    Object slots = get(get(get(recovered.ledger(), "state"), "escrows"), "slots");
    MemorySegment memory = (MemorySegment) get(get(slots, "memory"), "segment");
    for (int slot = 0; slot < SLOTS; slot++) {
      memory.set(ValueLayout.JAVA_LONG, (long) slot * ENTRY + GRANT_POSITION, 0);
    }
  }

  private static Object get(Object owner, String field) throws ReflectiveOperationException {
    Field found = owner.getClass().getDeclaredField(field);
    found.setAccessible(true);
    return found.get(owner);
  }
}
