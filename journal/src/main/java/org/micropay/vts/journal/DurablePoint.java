package org.micropay.vts.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The newest durable record with its chain hash, handed from the writer to any reader under a
 * sequence lock: the writer never waits and allocates nothing, a reader tries again.
 */
final class DurablePoint {
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle VERSION;

  static {
    try {
      VERSION = MethodHandles.lookup().findVarHandle(DurablePoint.class, "version", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long version;
  private long position;
  private long word0;
  private long word1;
  private long word2;
  private long word3;

  /** Writer only. */
  void set(long newPosition, byte[] source, int chainOffset) {
    long before = version;
    VERSION.setOpaque(this, before + 1);
    VarHandle.storeStoreFence();
    position = newPosition;
    word0 = (long) WORD.get(source, chainOffset);
    word1 = (long) WORD.get(source, chainOffset + 8);
    word2 = (long) WORD.get(source, chainOffset + 16);
    word3 = (long) WORD.get(source, chainOffset + 24);
    VERSION.setRelease(this, before + 2);
  }

  /** Any thread. */
  JournalPoint get() {
    while (true) {
      long before = (long) VERSION.getAcquire(this);
      long at = position;
      ByteBuffer chain = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
      chain.putLong(word0).putLong(word1).putLong(word2).putLong(word3);
      VarHandle.loadLoadFence();
      if ((before & 1) == 0 && (long) VERSION.getOpaque(this) == before) {
        return new JournalPoint(at, chain.array());
      }
      Thread.onSpinWait();
    }
  }
}
