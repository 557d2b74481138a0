package org.micropay.vts.journal;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Prints what the journal costs here; a program, not a test. Arguments: an empty directory, the
 * number of records, bytes per payload.
 */
final class JournalSpeed {
  private static final int BATCH = 512;

  /** CPU time tells the cost also on a machine that does other things. */
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private JournalSpeed() {}

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    int records = Integer.parseInt(args[1]);
    int payloadLength = Integer.parseInt(args[2]);
    UnsafeBuffer payload = new UnsafeBuffer(new byte[payloadLength]);
    hash(payloadLength);
    JournalConfig config =
        new JournalConfig(directory, new byte[32], RollPeriod.HOURLY, 0, 64 << 20);
    for (int round = 1; round <= 3; round++) {
      write(config, records, payload, round);
      read(directory, records * round, round);
    }
  }

  private static void hash(int payloadLength) throws IOException {
    MessageDigest sha256 = FrameCodec.sha256();
    byte[] bytes = new byte[FrameCodec.FRAME + FrameLayout.chainOffset(payloadLength)];
    byte[] digest = new byte[32];
    CRC32C crc32c = new CRC32C();
    int rounds = 300_000;
    for (int repeat = 0; repeat < 3; repeat++) {
      long start = System.nanoTime();
      for (int i = 0; i < rounds; i++) {
        sha256.update(bytes);
        try {
          sha256.digest(digest, 0, 32);
        } catch (java.security.DigestException e) {
          throw new IOException(e);
        }
      }
      long hashed = System.nanoTime();
      for (int i = 0; i < rounds; i++) {
        crc32c.update(bytes);
      }
      long summed = System.nanoTime();
      print("hash chain, ns/record", (hashed - start) / (double) rounds);
      print("CRC32C, ns/record", (summed - hashed) / (double) rounds);
    }
  }

  private static void write(JournalConfig config, int records, UnsafeBuffer payload, int round) {
    try (ChronicleJournal journal =
        ChronicleJournal.open(config, Long.MAX_VALUE, FrameHandler.NONE)) {
      long appending = 0;
      long appendCpu = 0;
      long cpuFrom = THREADS.getCurrentThreadCpuTime();
      long cpu = THREADS.getCurrentThreadCpuTime();
      long start = System.nanoTime();
      long from = start;
      for (int i = 1; i <= records; i++) {
        journal.append(journal.nextPosition(), 3, TestFrames.T0, payload, 0, payload.capacity());
        if (i % BATCH == 0) {
          long before = System.nanoTime();
          appending += before - from;
          appendCpu += THREADS.getCurrentThreadCpuTime() - cpuFrom;
          journal.sync();
          cpuFrom = THREADS.getCurrentThreadCpuTime();
          from = System.nanoTime();
        }
      }
      double nanos = System.nanoTime() - start;
      cpu = THREADS.getCurrentThreadCpuTime() - cpu;
      print("round " + round + " append, ns/record", appending / (double) records);
      print("round " + round + " append, CPU ns/record", appendCpu / (double) records);
      print("round " + round + " append and sync, CPU ns/record", cpu / (double) records);
      print("round " + round + " sync, us each", (nanos - appending) / 1e3 / (records / BATCH));
      print("round " + round + " records/s, one sync per " + BATCH, records / (nanos / 1e9));
    }
  }

  private static void read(Path directory, long expected, int round) {
    long cpu = THREADS.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    try (JournalReader reader = JournalReader.open(directory)) {
      while (reader.next(FrameHandler.NONE)) {
        // Checking is the work.
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      if (reader.position() != expected) {
        throw new IllegalStateException("read " + reader.position() + " of " + expected);
      }
      cpu = THREADS.getCurrentThreadCpuTime() - cpu;
      print("round " + round + " read and checked, records/s", reader.position() / seconds);
      print(
          "round " + round + " read and checked, records per CPU second",
          reader.position() / (cpu / 1e9));
    }
  }

  private static void print(String what, double value) {
    System.out.printf(Locale.ROOT, "%-50s %,14.1f%n", what, value);
  }
}
