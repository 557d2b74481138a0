package org.micropay.vts.pipeline;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The pipeline's one way to stop: thrown once, by any stage, seen by all before their next step.
 */
final class HaltSwitch {
  private final AtomicBoolean halted = new AtomicBoolean();
  private final HaltPort port;

  HaltSwitch(HaltPort port) {
    this.port = port;
  }

  boolean isHalted() {
    return halted.get();
  }

  /** Stops all stages, then tells the port; only the first caller's cause is reported. */
  void halt(String stage, Throwable cause) {
    if (halted.compareAndSet(false, true)) {
      port.halt(stage, cause);
    }
  }
}
