package org.micropay.vts.appliance.server;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.micropay.vts.pipeline.HaltPort;
import org.micropay.vts.settlement.BlockRef;
import org.micropay.vts.settlement.Settlement;
import org.micropay.vts.settlement.WatchedOutput;

/** The one thread of settlement: follows the chain, hands grants over, sends batches. */
final class SettlementThread implements AutoCloseable {
  private static final long IDLE_NANOS = 2_000_000;
  private static final long JOIN_MILLIS = 30_000;

  private final Thread thread;
  private volatile boolean running = true;

  private SettlementThread(
      Settlement settlement,
      IntSupplier feeds,
      Runnable beforeStep,
      List<BlockRef> recentBlocks,
      Collection<WatchedOutput> outputs,
      HaltPort halt) {
    thread =
        Thread.ofPlatform()
            .name("vts-settlement")
            .unstarted(
                () -> {
                  try {
                    settlement.start(recentBlocks, outputs);
                    loop(settlement, feeds, beforeStep);
                  } catch (RuntimeException | Error e) {
                    if (running) {
                      halt.halt("settlement", e);
                    }
                  }
                });
  }

  /** Starts it; {@code feeds} bring grants and proofs; {@code beforeStep} runs before each step. */
  static SettlementThread start(
      Settlement settlement,
      IntSupplier feeds,
      Runnable beforeStep,
      List<BlockRef> recentBlocks,
      Collection<WatchedOutput> outputs,
      HaltPort halt) {
    SettlementThread thread =
        new SettlementThread(settlement, feeds, beforeStep, recentBlocks, outputs, halt);
    thread.thread.start();
    return thread;
  }

  private void loop(Settlement settlement, IntSupplier feeds, Runnable beforeStep) {
    while (running) {
      beforeStep.run();
      if (feeds.getAsInt() + settlement.doWork() == 0) {
        LockSupport.parkNanos(IDLE_NANOS);
      }
    }
  }

  @Override
  public void close() {
    running = false;
    LockSupport.unpark(thread);
    try {
      thread.join(JOIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
