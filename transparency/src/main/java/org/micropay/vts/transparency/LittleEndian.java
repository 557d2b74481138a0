package org.micropay.vts.transparency;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Integers of our own layouts, in arrays. Any thread; allocates nothing. */
final class LittleEndian {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
          .withInvokeExactBehavior();

  private LittleEndian() {}

  static long getLong(byte[] source, int at) {
    return (long) LONG.get(source, at);
  }

  static void putLong(byte[] target, int at, long value) {
    LONG.set(target, at, value);
  }
}
