package org.micropay.vts.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Everything that can be done to a VTS's crash safety, in one run: kills of real processes, images
 * after power losses, turned bits, failing system calls, simulated histories. What the checkers
 * find is counted and the run goes on, until it has found {@value #MOST_FINDINGS}. One thread.
 */
public final class Torture implements AutoCloseable {
  private static final int MOST_FINDINGS = 10;
  private static final int CHEAP_ONES = 10;

  /**
   * How much of each.
   *
   * @param seed of all that is drawn; histories have the seeds from this one on
   * @param kills of real processes
   * @param images of a journal after a power loss
   * @param flips of single bits
   * @param claims in simulated histories, a thousand in each
   * @param sweep which system calls of a small run are made to fail
   */
  public record Options(
      long seed, long kills, long images, long flips, long claims, SweepRange sweep) {}

  private final Options options;
  private final TortureProgress progress;
  private final TortureCounts counts = new TortureCounts();
  private final long begin = System.nanoTime();
  private final Path disk;
  private final Path memory;
  private final KillRun kills;
  private final PowerLossRun images;
  private final FlipRun flips;
  private final SimulationRun histories;
  private final SyscallSweep sweep;

  /** A run that has not begun; its folders lie below {@code folder}, on the file system to test. */
  public Torture(Options options, Path folder, TortureProgress progress) {
    this(options, Parts.PRODUCTION, folder, progress);
  }

  /** The same with parts that may be broken, to see that it notices. */
  public Torture(Options options, Parts parts, Path folder, TortureProgress progress) {
    this.options = options;
    this.progress = progress;
    try {
      disk = Files.createTempDirectory(folder, "vts-torture-");
      memory = Files.createTempDirectory(World.memory(), "vts-torture-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    kills = new KillRun(disk, options.seed(), counts);
    images = new PowerLossRun(memory, options.seed(), parts, counts);
    flips = new FlipRun(memory, options.seed(), counts);
    histories = new SimulationRun(parts, options.seed(), counts);
    sweep =
        new SyscallSweep(
            memory, options.sweep().isEmpty() ? SweepRange.ALL : options.sweep(), counts);
  }

  /** Whether system calls can be made to fail here. */
  public static boolean canTrace() {
    return Strace.isPossible();
  }

  /** The program that does it: strace, or what the property {@code vts.strace} names. */
  public static String tracer() {
    return Strace.program();
  }

  /** Does so much of each. */
  public TortureReport run() {
    repeat(kills, options.kills());
    repeat(images, options.images());
    repeat(flips, options.flips());
    if (!options.sweep().isEmpty()) {
      repeat(sweep, sweep.prepare());
    }
    repeat(histories, Math.ceilDiv(options.claims(), SimulationRun.CLAIMS_PER_SEED));
    return report();
  }

  /** Does a little of each in turn until the time is over. */
  public TortureReport run(int minutes) {
    long seconds = TimeUnit.MINUTES.toSeconds(minutes);
    TortureProgress.Step step = progress.begin("torture, seconds", seconds);
    boolean traces = canTrace();
    if (traces) {
      sweep.prepare();
      sweep.shuffle(options.seed());
    }
    long told = 0;
    while (told < seconds && counts.findings() < MOST_FINDINGS) {
      attack(kills);
      for (int i = 0; i < CHEAP_ONES; i++) {
        attack(images);
        attack(flips);
      }
      if (traces) {
        attack(sweep);
      }
      attack(histories);
      long passed = Math.min(seconds, (System.nanoTime() - begin) / TimeUnit.SECONDS.toNanos(1));
      step.advance(passed - told);
      told = passed;
    }
    step.done(counts.verdict());
    return report();
  }

  private void repeat(Attack attack, long count) {
    if (count == 0 || counts.findings() >= MOST_FINDINGS) {
      return;
    }
    TortureProgress.Step step = progress.begin(attack.name(), count);
    long done = 0;
    while (done < count && counts.findings() < MOST_FINDINGS) {
      attack(attack);
      step.advance(1);
      done++;
    }
    step.done("%,d done, %s".formatted(done, counts.verdict()));
  }

  private void attack(Attack attack) {
    try {
      attack.once();
    } catch (Violation violation) {
      counts.find(attack.name(), violation, attack.replay());
      attack.startOver();
    } catch (SimulationFailure failure) {
      counts.find(attack.name(), failure, attack.replay());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private TortureReport report() {
    return counts.report(options.seed(), (System.nanoTime() - begin) / 1e9);
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
