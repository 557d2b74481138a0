package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.Transaction;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;

/**
 * What the chain view costs with many escrows under watch: look-ups of one outpoint, and a full
 * block with all its outputs and inputs. CPU time of the measuring thread, the median of several
 * rounds. One thread.
 *
 * <pre>
 *  look-ups   spent?  depth?          each output once, in random order; and as many unknown ones
 *  blocks     parse -> connect        payments of others, and their largest transactions: nothing
 *                                     is found
 *                                     releases, 75 a transaction: every input is found
 *             disconnect              what a reorganization undoes
 * </pre>
 */
public final class ChainViewBench {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long SEED = 0x7654_5321L;
  private static final int FUNDED = 900_000;
  private static final int TIP = 900_100;
  private static final int WARMUPS = 3;
  private static final int RELEASES = 8_000;

  /** Header of 80 bytes, and the count of the transactions in three. */
  private static final int HEAD_WEIGHT = 4 * (80 + 3);

  private final int escrows;
  private final int rounds;
  private final Consumer<String> progress;
  private final Random random = new Random(SEED);
  private final Sink sink = new Sink();
  private final BlockRef tip = new BlockRef(bytes32(), TIP, Bytes32.ZERO, 1_700_000_000L);
  private int found;

  private ChainViewBench(int escrows, int rounds, Consumer<String> progress) {
    this.escrows = escrows;
    this.rounds = rounds;
    this.progress = progress;
  }

  /**
   * Runs all of it.
   *
   * @param escrows under watch, at least 8,000
   * @param rounds of which the median is taken
   * @return figures by name; times in nanoseconds or milliseconds as the names say
   */
  public static Map<String, Object> run(int escrows, int rounds, Consumer<String> progress) {
    if (escrows < RELEASES || rounds < 1) {
      throw new IllegalArgumentException(
          "%d escrows and %d rounds: at least %d and 1".formatted(escrows, rounds, RELEASES));
    }
    return new ChainViewBench(escrows, rounds, progress).run();
  }

  private Map<String, Object> run() {
    Map<String, Object> result = new LinkedHashMap<>();
    progress.accept("watching %,d escrows".formatted(escrows));
    List<Outpoint> watched = outpoints();
    EscrowWatcher watcher = new EscrowWatcher(1);
    long start = cpu();
    watched.forEach(one -> watcher.watch(new WatchedOutput(one, FUNDED, 0)));
    result.put("watch_ns", Math.round((cpu() - start) / (double) escrows));
    result.put("memory_bytes", watcher.memoryBytes());
    result.put("memory_bytes_per_escrow", round(watcher.memoryBytes() / (double) escrows));
    lookups(result, watcher, watched);
    BenchBlocks blocks = new BenchBlocks(random, tip);
    progress.accept("a full block of payments");
    result.put("payments_block", block(watcher, blocks.payments(), 0));
    progress.accept("a full block of consolidations");
    result.put("consolidations_block", block(watcher, blocks.consolidations(), 0));
    progress.accept("a full block of releases");
    Block releases = blocks.releases(watched.subList(0, RELEASES));
    int inputs = releases.tx.stream().skip(1).mapToInt(tx -> tx.txIn.size()).sum();
    result.put("releases_block", block(watcher, releases, inputs));
    return result;
  }

  private List<Outpoint> outpoints() {
    List<Outpoint> outpoints = new ArrayList<>(escrows);
    for (int i = 0; i < escrows; i++) {
      outpoints.add(new Outpoint(bytes32(), random.nextInt(4)));
    }
    return outpoints;
  }

  private Bytes32 bytes32() {
    byte[] bytes = new byte[Bytes32.LENGTH];
    random.nextBytes(bytes);
    return Bytes32.of(bytes);
  }

  private void lookups(Map<String, Object> result, EscrowWatcher watcher, List<Outpoint> watched) {
    progress.accept("looking up each of them");
    List<Outpoint> shuffled = new ArrayList<>(watched);
    Collections.shuffle(shuffled, random);
    List<Outpoint> unknown = outpoints();
    Map<String, Object> lookups = new LinkedHashMap<>();
    rate(lookups, "spent", shuffled, watcher::spentHeight);
    rate(lookups, "depth", shuffled, one -> TIP - watcher.fundedHeight(one) + 1);
    rate(lookups, "unknown", unknown, watcher::spentHeight);
    result.put("lookups", lookups);
  }

  private void rate(
      Map<String, Object> lookups,
      String name,
      List<Outpoint> outpoints,
      ToIntFunction<Outpoint> lookup) {
    double nanos =
        median(
            () -> {
              long start = cpu();
              for (Outpoint one : outpoints) {
                found += lookup.applyAsInt(one);
              }
              return (cpu() - start) / (double) outpoints.size();
            });
    lookups.put(name + "_ns", round(nanos));
    lookups.put(name + "_per_s", Math.round(1e9 / nanos));
  }

  /** Parse, connect and disconnect one block again and again. */
  private Map<String, Object> block(EscrowWatcher watcher, Block block, int spends) {
    byte[] raw = Block.write(block);
    BlockRef ref = new BlockRef(ChainState.hash(block.header), TIP + 1, tip.hash(), 1_700_000_600L);
    double parse = median(() -> timed(() -> found += WireReader.block(raw).tx.size()));
    double[] undo = new double[1];
    double connect =
        median(
            () -> {
              List<Transaction> transactions = WireReader.block(raw).tx;
              int before = sink.told;
              double nanos = timed(() -> watcher.connect(ref, transactions, sink));
              if (sink.told - before != spends) {
                throw new IllegalStateException(
                    "%d of %d spends were seen; the measurement is void"
                        .formatted(sink.told - before, spends));
              }
              undo[0] = timed(() -> watcher.disconnectFrom(ref.height(), sink));
              return nanos;
            });
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("bytes", raw.length);
    result.put("weight", HEAD_WEIGHT + block.tx.stream().mapToInt(tx -> tx.weight()).sum());
    result.put("transactions", block.tx.size());
    result.put("inputs", block.tx.stream().mapToInt(tx -> tx.txIn.size()).sum());
    result.put("outputs", block.tx.stream().mapToInt(tx -> tx.txOut.size()).sum());
    result.put("watched_spends", spends);
    result.put("parse_ms", round(parse / 1e6));
    result.put("connect_ms", round(connect / 1e6));
    result.put("disconnect_ms", round(undo[0] / 1e6));
    return result;
  }

  private interface Measurement {
    double nanos();
  }

  private double median(Measurement measurement) {
    for (int i = 0; i < WARMUPS; i++) {
      measurement.nanos();
    }
    double[] nanos = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      nanos[i] = measurement.nanos();
    }
    Arrays.sort(nanos);
    return nanos[rounds / 2];
  }

  private static double timed(Runnable work) {
    long start = cpu();
    work.run();
    return cpu() - start;
  }

  private static long cpu() {
    return THREADS.getCurrentThreadCpuTime();
  }

  private static double round(double value) {
    return Math.round(value * 100) / 100.0;
  }

  /** What was looked up, so that nothing of it can be left out. */
  @Override
  public String toString() {
    return "chain view bench, " + found;
  }

  /** A ledger that takes everything at once and counts. */
  private static final class Sink implements LedgerCommands {
    private static final CompletableFuture<Result> DONE =
        CompletableFuture.completedFuture(new Result(0, 0));
    private int told;

    private CompletableFuture<Result> take() {
      told++;
      return DONE;
    }

    @Override
    public CompletableFuture<Result> register(
        Registration registration, int fundedHeight, int depositHeight, Bytes32 seenAtTip) {
      return take();
    }

    @Override
    public CompletableFuture<Result> blockConnected(BlockRef block) {
      return take();
    }

    @Override
    public CompletableFuture<Result> blockDisconnected(BlockRef block) {
      return take();
    }

    @Override
    public CompletableFuture<Result> escrowFunded(Outpoint outpoint, int height) {
      return take();
    }

    @Override
    public CompletableFuture<Result> escrowUnfunded(Outpoint outpoint, int height) {
      return take();
    }

    @Override
    public CompletableFuture<Result> escrowSpent(Outpoint outpoint, int height, Bytes32 txid) {
      return take();
    }

    @Override
    public CompletableFuture<Result> escrowUnspent(Outpoint outpoint, int height) {
      return take();
    }

    @Override
    public CompletableFuture<Result> tipSeen(BlockRef tip) {
      return take();
    }

    @Override
    public CompletableFuture<Result> settlement(SettlementRecord entry) {
      return take();
    }

    @Override
    public CompletableFuture<Result> penalty(PenaltyRecord entry) {
      return take();
    }
  }
}
