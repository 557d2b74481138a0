package org.micropay.vts.appliance.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.appliance.server.Recovery;
import org.micropay.vts.appliance.server.ReplayHashes;
import org.micropay.vts.appliance.server.Snapshotter;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.journal.RollPeriod;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;

/**
 * {@code vts bench --recovery}: a journal of registrations and grants, recovered from its first
 * record as {@code vts serve} does it, then a snapshot, then recovered from that.
 *
 * <p>Signatures are not checked at a recovery (the audit does), so that one signed claim serves for
 * all; outpoints and claim ids differ, and every record is decided again. Files are in the page
 * cache when they are read.
 */
final class RecoveryMeasurement {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private static final int BLOCK_BYTES = 64 << 20;
  private static final int BATCH = 1024;
  private static final int OUTPOINT_IN_TERMS = 4;
  private static final int DEPOSITS = 1024;

  private final Kernel kernel;
  private final ReplayHashes hashes;
  private final int escrows;
  private final int grants;

  RecoveryMeasurement(Kernel kernel, int escrows, int grants) {
    this.kernel = kernel;
    this.hashes = ReplayHashes.of(kernel);
    this.escrows = escrows;
    this.grants = Math.min(escrows, grants);
  }

  Map<String, Object> run(BenchProgress progress) {
    try (SecretKey key = SecretKey.generate()) {
      Path directory =
          Files.createTempDirectory(
              Path.of(System.getProperty("vts.bench.dir", ".")), "vts-bench-");
      try {
        return run(directory.resolve("journal"), key, progress);
      } finally {
        delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, Object> run(Path journal, SecretKey key, BenchProgress progress) {
    PublicKey vtsKey = PublicKey.of(key.publicKey());
    LedgerPolicy policy =
        new LedgerPolicy(
            Network.REGTEST.magic(),
            vtsKey,
            escrows + 16,
            DEPOSITS,
            1,
            1,
            Long.MAX_VALUE / 4,
            100,
            10_000,
            0x0123456789ABCDEFL,
            0xFEDCBA9876543210L);
    JournalConfig config =
        new JournalConfig(journal, new byte[32], RollPeriod.HOURLY, 0, BLOCK_BYTES);
    progress.step("writing %,d records".formatted(escrows + (long) grants + 2));
    double writeSeconds = write(config, policy, SignedClaims.generate(kernel, vtsKey, 1));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("measurement", "recovery");
    result.put("escrows", escrows);
    result.put("grants", grants);
    result.put("write_seconds", round(writeSeconds));
    progress.step("recovering from the first record");
    Timed replay = recover(config, policy);
    result.put("replayed_records", replay.records());
    result.put("replay_seconds", round(replay.seconds()));
    result.put("replay_records_per_s", Math.round(replay.records() / replay.seconds()));
    result.put("replay_cpu_seconds", replay.cpu());
    result.put("ledger_bytes", replay.ledgerBytes());
    progress.step("taking a snapshot");
    long start = System.nanoTime();
    Snapshotter.Taken taken =
        new Snapshotter(journal, null, policy.escrowCapacity(), DEPOSITS, 1, hashes)
            .take(replay.records(), null, position -> {});
    result.put("snapshot_seconds", round((System.nanoTime() - start) / 1e9));
    result.put("snapshot_bytes", taken.bytes());
    progress.step("recovering from the snapshot");
    Timed restart = recover(config, policy);
    if (restart.snapshot() != taken.position()) {
      throw new IllegalStateException("the snapshot was not used; the measurement is void");
    }
    result.put("restart_seconds", round(restart.seconds()));
    result.put("restart_cpu_seconds", restart.cpu());
    return result;
  }

  /** {@code cpu}: of the thread that reads, and of all others together, compilers included. */
  private record Timed(
      double seconds, Map<String, Double> cpu, long records, long snapshot, long ledgerBytes) {}

  private Timed recover(JournalConfig config, LedgerPolicy policy) {
    long start = System.nanoTime();
    long cpuStart = PROCESS.getProcessCpuTime();
    long readerStart = THREADS.getCurrentThreadCpuTime();
    Recovery.Recovered recovered = Recovery.run(config, policy, hashes, System.currentTimeMillis());
    double seconds = (System.nanoTime() - start) / 1e9;
    double reader = (THREADS.getCurrentThreadCpuTime() - readerStart) / 1e9;
    double all = (PROCESS.getProcessCpuTime() - cpuStart) / 1e9;
    Map<String, Double> cpu = new LinkedHashMap<>();
    cpu.put("reader", round(reader));
    cpu.put("others", round(all - reader));
    try (recovered) {
      if (recovered.ledger().view().escrowCount() != escrows) {
        throw new IllegalStateException("not every escrow came back; the measurement is void");
      }
      return new Timed(
          seconds,
          cpu,
          recovered.journal().durablePosition(),
          recovered.snapshotPosition(),
          recovered.ledger().memoryBytes());
    }
  }

  private double write(JournalConfig config, LedgerPolicy policy, SignedClaims claims) {
    byte[] register = claims.setup().get(1).payload();
    byte[] block = claims.setup().get(0).payload();
    byte[] grant = new byte[GrantRecord.MAX_LENGTH];
    int grantLength = GrantRecord.CLAIM + claims.copyTo(0, grant, GrantRecord.CLAIM);
    long time = System.currentTimeMillis();
    long start = System.nanoTime();
    try (ChronicleJournal journal = ChronicleJournal.open(config)) {
      append(journal, RecordType.CONFIG, time, policy.encode(), LedgerPolicy.LENGTH);
      append(journal, RecordType.BLOCK_CONNECTED, time, block, BlockRecord.LENGTH);
      for (int i = 0; i < escrows; i++) {
        number(register, RegisterRecord.REGISTRATION + OUTPOINT_IN_TERMS, i);
        append(
            journal,
            RecordType.REGISTER,
            time,
            register,
            RegisterRecord.REGISTRATION + Registration.MIN_LENGTH);
      }
      for (int i = 0; i < grants; i++) {
        number(grant, GrantRecord.CLAIM_ID, i);
        number(grant, GrantRecord.CLAIM + OUTPOINT_IN_TERMS, i);
        append(journal, RecordType.GRANT, time, grant, grantLength);
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /** Scattered as hashes are. */
  private static void number(byte[] bytes, int offset, int number) {
    UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    buffer.putLong(offset, number * 0x9E3779B97F4A7C15L, ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(offset + 8, number, ByteOrder.LITTLE_ENDIAN);
  }

  private static void append(
      ChronicleJournal journal, RecordType type, long time, byte[] payload, int length) {
    long position = journal.nextPosition();
    journal.append(position, type.number(), time, new UnsafeBuffer(payload), 0, length);
    if (position % BATCH == 0) {
      journal.sync();
    }
  }

  private static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
