package org.micropay.vts.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Everything that can be done to a VTS's crash safety, in one run: kills of real processes, images
 * after power losses, turned bits, failing system calls, simulated histories. Stops at the first
 * thing that went wrong. One thread.
 */
public final class Torture implements AutoCloseable {
  private static final int CLAIMS_PER_SEED = 1_000;

  /**
   * How much of each.
   *
   * @param seed of all that is drawn; histories have the seeds from this one on
   * @param kills of real processes
   * @param images of a journal after a power loss
   * @param flips of single bits
   * @param claims in simulated histories, a thousand in each
   * @param sweep whether each system call of a small run is made to fail once; needs strace
   */
  public record Options(
      long seed, long kills, long images, long flips, long claims, boolean sweep) {}

  private interface Piece {
    void run() throws IOException;
  }

  private final Options options;
  private final TortureProgress progress;
  private final TortureCounts counts = new TortureCounts();
  private final Path disk;
  private final Path memory;
  private final KillRun kills;
  private final PowerLossRun images;
  private final FlipRun flips;
  private long nextSeed;

  /** A run that has not begun; its folders lie below {@code folder}, on the file system to test. */
  public Torture(Options options, Path folder, TortureProgress progress) {
    this.options = options;
    this.progress = progress;
    this.nextSeed = options.seed();
    try {
      disk = Files.createTempDirectory(folder, "vts-torture-");
      memory = Files.createTempDirectory(Simulation.memory(), "vts-torture-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    kills = new KillRun(disk, options.seed(), counts);
    images = new PowerLossRun(memory, options.seed(), counts);
    flips = new FlipRun(memory, options.seed(), counts);
  }

  /**
   * Does so much of each.
   *
   * @throws Violation or SimulationFailure when something that must always hold did not
   */
  public Map<String, Object> run() {
    repeat("kills", options.kills(), kills::killOnce);
    repeat("power losses", options.images(), images::imageOnce);
    repeat("bit flips", options.flips(), flips::flipOnce);
    if (options.sweep()) {
      new SyscallSweep(disk, counts, progress).run();
    }
    long seeds = (options.claims() + CLAIMS_PER_SEED - 1) / CLAIMS_PER_SEED;
    repeat("simulated histories", seeds, this::playOnce);
    return counts.toMap(options.seed());
  }

  /** Does a little of each in turn until the time is over. */
  public Map<String, Object> run(int minutes) {
    TortureProgress.Step step = progress.begin("torture", minutes);
    long begin = System.nanoTime();
    long told = 0;
    try {
      while (System.nanoTime() - begin < TimeUnit.MINUTES.toNanos(minutes)) {
        kills.killOnce();
        for (int i = 0; i < 10; i++) {
          images.imageOnce();
          flips.flipOnce();
        }
        playOnce();
        long passed = (System.nanoTime() - begin) / TimeUnit.MINUTES.toNanos(1);
        step.advance(passed - told);
        told = passed;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    step.done(summary());
    return counts.toMap(options.seed());
  }

  private String summary() {
    return "%d kills, %d images, %d flips, %d seeds; lost 0, double grants 0"
        .formatted(counts.kills, counts.images, counts.flips, counts.simulated.seeds());
  }

  private void repeat(String name, long count, Piece piece) {
    if (count == 0) {
      return;
    }
    TortureProgress.Step step = progress.begin(name, count);
    try {
      for (long i = 0; i < count; i++) {
        piece.run();
        step.advance(1);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    step.done(
        count
            + " done, %d answers acknowledged, 0 lost, 0 double grants"
                .formatted(counts.acknowledged + counts.simulated.receipts()));
  }

  private void playOnce() {
    SimulationOptions history = SimulationOptions.of(nextSeed++, CLAIMS_PER_SEED);
    try (Simulation simulation = new Simulation(history, Parts.PRODUCTION)) {
      counts.simulated = counts.simulated.plus(simulation.run());
    }
  }

  @Override
  public void close() {
    try {
      images.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SimulatedDisk.delete(disk);
    SimulatedDisk.delete(memory);
  }
}
