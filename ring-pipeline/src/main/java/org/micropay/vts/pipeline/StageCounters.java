package org.micropay.vts.pipeline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one stage counts about itself. The stage's thread writes, any thread reads without a lock:
 * each number is exact for some recent moment, two of them need not be of the same one.
 */
public final class StageCounters {
  /** Buckets of the batch histogram: bucket b counts batches of 2^b to 2^(b+1) - 1 slots. */
  public static final int BATCH_BUCKETS = 20;

  private static final VarHandle BUSY_CYCLES = handle("busyCycles");
  private static final VarHandle IDLE_CYCLES = handle("idleCycles");
  private static final VarHandle BUSY_NANOS = handle("busyNanos");
  private static final VarHandle SLOTS = handle("slots");

  private final String stage;
  private final AtomicLongArray batches = new AtomicLongArray(BATCH_BUCKETS);

  private long busyCycles;
  private long idleCycles;
  private long busyNanos;
  private long slots;

  StageCounters(String stage) {
    this.stage = stage;
  }

  private static VarHandle handle(String field) {
    try {
      return MethodHandles.lookup().findVarHandle(StageCounters.class, field, long.class);
    } catch (ReflectiveOperationException missing) {
      throw new ExceptionInInitializerError(missing);
    }
  }

  /** Single writer: a plain read and an opaque write never lose a count. */
  void busy(int work, long nanos) {
    BUSY_CYCLES.setOpaque(this, busyCycles + 1);
    BUSY_NANOS.setOpaque(this, busyNanos + nanos);
    SLOTS.setOpaque(this, slots + work);
    int bucket = Math.min(BATCH_BUCKETS - 1, 31 - Integer.numberOfLeadingZeros(work));
    batches.setOpaque(bucket, batches.getPlain(bucket) + 1);
  }

  void idle() {
    IDLE_CYCLES.setOpaque(this, idleCycles + 1);
  }

  /** The stage's name. */
  public String stage() {
    return stage;
  }

  /** Steps that found work. */
  public long busyCycles() {
    return (long) BUSY_CYCLES.getOpaque(this);
  }

  /** Steps that found none. */
  public long idleCycles() {
    return (long) IDLE_CYCLES.getOpaque(this);
  }

  /** Nanoseconds spent in steps that found work. */
  public long busyNanos() {
    return (long) BUSY_NANOS.getOpaque(this);
  }

  /** Slots taken in all. */
  public long slots() {
    return (long) SLOTS.getOpaque(this);
  }

  /** Number of batches in bucket {@code bucket}, see {@link #BATCH_BUCKETS}. */
  public long batches(int bucket) {
    return batches.getOpaque(bucket);
  }
}
