package org.micropay.vts.affinity;

import java.util.List;

/**
 * One thread of the plan.
 *
 * @param name for the thread, such as {@code vts-worker-0}
 * @param stages that it runs, in the order in which it should poll them
 * @param cpu that it is pinned to, or {@link #UNPINNED}
 * @param idle what it does without work
 */
public record ThreadPlan(String name, List<Stage> stages, int cpu, IdleMode idle) {
  /** Value of {@link #cpu()} for a thread that the scheduler may place. */
  public static final int UNPINNED = -1;

  public ThreadPlan {
    stages = List.copyOf(stages);
  }

  /** Whether the thread has a CPU of its own. */
  public boolean pinned() {
    return cpu != UNPINNED;
  }
}
