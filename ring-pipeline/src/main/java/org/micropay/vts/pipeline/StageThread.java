package org.micropay.vts.pipeline;

import java.util.List;
import org.agrona.concurrent.IdleStrategy;

/**
 * A platform thread that steps its stages round after round and idles when none had work. It ends
 * when it is stopped or the pipeline has halted.
 */
final class StageThread {
  private final String name;
  private final Stage[] stages;
  private final IdleStrategy idle;
  private final Runnable onStart;
  private final HaltSwitch haltSwitch;
  private final Thread thread;
  private volatile boolean stopped;

  StageThread(
      String name, List<Stage> stages, IdleStrategy idle, Runnable onStart, HaltSwitch haltSwitch) {
    this.name = name;
    this.stages = stages.toArray(Stage[]::new);
    this.idle = idle;
    this.onStart = onStart;
    this.haltSwitch = haltSwitch;
    this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Lets the current round end and waits for the thread. */
  void stop() {
    stopped = true;
    if (Thread.currentThread() == thread) {
      return;
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  long threadId() {
    return thread.threadId();
  }

  String name() {
    return name;
  }

  private void run() {
    try {
      onStart.run();
      while (!stopped && !haltSwitch.isHalted()) {
        idle.idle(round());
      }
    } catch (Throwable failure) {
      haltSwitch.halt(name, failure);
    }
  }

  private int round() {
    int work = 0;
    for (Stage stage : stages) {
      work += stage.doWork();
    }
    return work;
  }
}
