package org.micropay.vts.pipeline;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Steps the production stages without threads, in an order drawn from a seed: any stage may go
 * next, with a batch of any size, or begin one and leave it. Whatever real threads can do to each
 * other at the borders of batches, some seed does too, and the same seed does it again, provided
 * that the pipeline was built with a {@link ClaimPipeline.Builder#nanoClock} that does not follow
 * real time. The base of tests and of the simulator.
 *
 * <p>One thread. A crash between two steps is simulated by dropping the pipeline and its stepper.
 */
public final class PipelineStepper {
  private static final int LARGEST_CUT = 12;

  /** One step in so many leaves a stage with slots in its hands. */
  private static final int BEGUN_ONLY = 4;

  private final List<Stage> stages;
  private final SplittableRandom random;
  private long steps;

  /** A stepper over the stages of a pipeline that was built without threads. */
  public PipelineStepper(ClaimPipeline pipeline, long seed) {
    this(pipeline.stages(), seed);
  }

  /** A stepper over stages in any wiring. */
  PipelineStepper(List<Stage> stages, long seed) {
    this.stages = List.copyOf(stages);
    this.random = new SplittableRandom(seed);
  }

  /** Steps one stage with a batch of at most a drawn size; returns the work that it did. */
  public int step() {
    steps++;
    Stage stage = stages.get(random.nextInt(stages.size()));
    int cut = 1 + random.nextInt(LARGEST_CUT);
    return random.nextInt(BEGUN_ONLY) == 0 ? stage.begin(cut) : stage.doWork(cut);
  }

  /** Takes {@code count} steps; returns the work done in all. */
  public long step(int count) {
    long work = 0;
    for (int i = 0; i < count; i++) {
      work += step();
    }
    return work;
  }

  /** Steps in drawn order until no stage finds work; returns the work done. */
  public long runUntilQuiet() {
    long done = 0;
    long work;
    do {
      work = step(stages.size());
      for (Stage stage : stages) {
        work += stage.doWork(1 + random.nextInt(LARGEST_CUT));
      }
      done += work;
    } while (work > 0);
    return done;
  }

  /** Steps taken by {@link #step}. */
  public long steps() {
    return steps;
  }
}
