package org.micropay.vts.pipeline;

import java.util.List;
import java.util.Objects;
import org.agrona.concurrent.IdleStrategy;

/**
 * Which stages one platform thread runs, in this order, round after round.
 *
 * @param thread name of the thread
 * @param stages names of the stages, see {@link ClaimPipeline#stageNames}
 * @param idle what the thread does when a round found no work; not shared with another thread
 * @param onStart run first on the new thread, for instance to pin it to a CPU
 */
public record StagePlacement(
    String thread, List<String> stages, IdleStrategy idle, Runnable onStart) {
  /** Copies the list. */
  public StagePlacement {
    Objects.requireNonNull(thread, "thread");
    stages = List.copyOf(stages);
    Objects.requireNonNull(idle, "idle");
    Objects.requireNonNull(onStart, "onStart");
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("thread " + thread + " has no stage; leave it out");
    }
  }
}
