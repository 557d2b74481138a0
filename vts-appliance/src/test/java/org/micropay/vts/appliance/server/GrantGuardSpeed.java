package org.micropay.vts.appliance.server;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Locale;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.RecordType;

/**
 * Prints what the guard costs a grant, in CPU time; a program, not a test. Argument: escrows of the
 * ledger's capacity.
 */
final class GrantGuardSpeed {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private GrantGuardSpeed() {}

  public static void main(String[] args) {
    int escrows = Integer.parseInt(args[0]);
    UnsafeBuffer payload = new UnsafeBuffer(new byte[GrantRecord.MAX_LENGTH]);
    SipHash128 hash = new SipHash128(1, 2);
    for (int round = 0; round < 5; round++) {
      long cpu = THREADS.getCurrentThreadCpuTime();
      long sum = 0;
      for (int i = 0; i < 10_000_000; i++) {
        payload.putInt(GrantRecord.CLAIM + 4, i);
        hash.hash(payload, GrantRecord.CLAIM + 4);
        sum += hash.low();
      }
      System.out.printf(
          Locale.ROOT,
          "hash alone: %.1f CPU ns (%d)%n",
          (THREADS.getCurrentThreadCpuTime() - cpu) / 1e7,
          sum & 1);
    }
    for (int round = 0; round < 5; round++) {
      try (GrantGuard guard = GrantGuard.create(escrows)) {
        long cpu = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < escrows; i++) {
          payload.putInt(GrantRecord.CLAIM + 4, i);
          guard.onRecord(i + 1, RecordType.GRANT.number(), payload, 0, 407);
        }
        System.out.printf(
            Locale.ROOT,
            "%,d grants, %,d bytes: %.1f CPU ns a grant%n",
            escrows,
            guard.memoryBytes(),
            (THREADS.getCurrentThreadCpuTime() - cpu) / (double) escrows);
      }
    }
  }
}
