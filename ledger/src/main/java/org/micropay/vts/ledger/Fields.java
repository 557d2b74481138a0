package org.micropay.vts.ledger;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Handles for ordered access to the package's own fields. */
final class Fields {
  private Fields() {}

  static VarHandle handle(Class<?> owner, String field, Class<?> type) {
    try {
      return MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
          .findVarHandle(owner, field, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
