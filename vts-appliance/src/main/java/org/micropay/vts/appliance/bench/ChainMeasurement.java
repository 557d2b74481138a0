package org.micropay.vts.appliance.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.LedgerView;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.ChainViewBench;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;

/**
 * {@code vts bench --chain}: what the view of the chain costs with many escrows. The chain thread's
 * table ({@link ChainViewBench}), and the ledger's view, which HTTP and the pipeline ask how deep
 * an escrow is and whether it is spent. CPU time of the measuring thread.
 */
final class ChainMeasurement {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int ROUNDS_PER_SECOND = 2;
  private static final int MIN_ROUNDS = 5;
  private static final int WARMUPS = 2;
  private static final int DEPOSITS = 16;
  private static final int OUTPOINT_IN_TERMS = 4;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  /** Odd and of no use but to visit every escrow once, far from the one before. */
  private static final long STRIDE = 1_000_003;

  private final Kernel kernel;
  private final int escrows;
  private final int rounds;

  ChainMeasurement(Kernel kernel, int escrows, int seconds) {
    this.kernel = kernel;
    this.escrows = escrows;
    this.rounds = Math.max(MIN_ROUNDS, seconds * ROUNDS_PER_SECOND);
  }

  Map<String, Object> run(BenchProgress progress) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("measurement", "chain");
    result.put("escrows", escrows);
    result.put("rounds", rounds);
    result.putAll(ChainViewBench.run(escrows, rounds, progress::step));
    progress.step("the ledger's view of %,d escrows".formatted(escrows));
    result.put("ledger_view", ledgerView());
    return result;
  }

  private Map<String, Object> ledgerView() {
    try (SecretKey key = SecretKey.generate()) {
      PublicKey vtsKey = PublicKey.of(key.publicKey());
      LedgerPolicy policy =
          new LedgerPolicy(
              Network.REGTEST.magic(),
              vtsKey,
              escrows + DEPOSITS,
              DEPOSITS,
              1,
              1,
              Long.MAX_VALUE / 4,
              100,
              10_000,
              0x0123456789ABCDEFL,
              0xFEDCBA9876543210L);
      try (Ledger ledger = Ledger.create(policy)) {
        fill(ledger, policy, SignedClaims.generate(kernel, vtsKey, 1));
        Map<String, Object> result = new LinkedHashMap<>();
        double nanos = lookupNanos(ledger.view());
        result.put("memory_bytes", ledger.memoryBytes());
        result.put("depth_ns", Math.round(nanos * 10) / 10.0);
        result.put("depth_per_s", Math.round(1e9 / nanos));
        return result;
      }
    }
  }

  private void fill(Ledger ledger, LedgerPolicy policy, SignedClaims claims) {
    long time = System.currentTimeMillis();
    ledger.configure(1, time, policy);
    byte[] block = claims.setup().get(0).payload();
    byte[] register = claims.setup().get(1).payload();
    UnsafeBuffer blockBuffer = new UnsafeBuffer(block);
    ledger.apply(2, RecordType.BLOCK_CONNECTED.number(), time, blockBuffer, 0, block.length);
    UnsafeBuffer buffer = new UnsafeBuffer(register);
    int length = RegisterRecord.REGISTRATION + Registration.MIN_LENGTH;
    for (int i = 0; i < escrows; i++) {
      int at = RegisterRecord.REGISTRATION + OUTPOINT_IN_TERMS;
      buffer.putLong(at, i * SPREAD, ByteOrder.LITTLE_ENDIAN);
      buffer.putLong(at + Long.BYTES, i, ByteOrder.LITTLE_ENDIAN);
      ledger.apply(3 + i, RecordType.REGISTER.number(), time, buffer, 0, length);
    }
    if (ledger.view().escrowCount() != escrows) {
      throw new IllegalStateException("not every escrow was registered; the measurement is void");
    }
  }

  /** Each escrow once a round; the median of the rounds. */
  private double lookupNanos(LedgerView view) {
    double[] nanos = new double[rounds];
    byte[] outpoint = new byte[Bytes32.LENGTH];
    UnsafeBuffer buffer = new UnsafeBuffer(outpoint);
    for (int round = -WARMUPS; round < rounds; round++) {
      long start = THREADS.getCurrentThreadCpuTime();
      for (long i = 0; i < escrows; i++) {
        long number = i * STRIDE % escrows;
        buffer.putLong(0, number * SPREAD, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(Long.BYTES, number, ByteOrder.LITTLE_ENDIAN);
        EscrowInfo info = view.lookup(new Outpoint(Bytes32.of(outpoint), 0)).orElseThrow();
        if (info.confirmations() < 1) {
          throw new IllegalStateException("an escrow is not confirmed; the measurement is void");
        }
      }
      if (round >= 0) {
        nanos[round] = (THREADS.getCurrentThreadCpuTime() - start) / (double) escrows;
      }
    }
    Arrays.sort(nanos);
    return nanos[rounds / 2];
  }
}
