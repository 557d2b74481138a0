package org.micropay.vts.appliance.demo;

import java.util.concurrent.TimeUnit;
import org.micropay.vts.merchant.VtsHttpClient;

/** Mines blocks as long as the server has batches that wait for them. One thread. */
final class Settling {
  private static final int PATIENCE_SECONDS = 120;
  private static final int POLL_MILLIS = 50;

  private final ServerProcess server;
  private final DemoChain chain;

  Settling(ServerProcess server, DemoChain chain) {
    this.server = server;
    this.chain = chain;
  }

  /** Mines until every granted claim is in a batch that is deep enough, and the wallet rests. */
  SettlementView untilSettled(long granted, DemoProgress.Step step) {
    long told = 0;
    long deadline = deadline();
    try (VtsHttpClient http = server.http()) {
      while (true) {
        SettlementView view = SettlementView.of(http);
        long settled = view.settled();
        if (settled > told) {
          step.advance(settled - told);
          told = settled;
          deadline = deadline();
        }
        if (settled >= granted && view.waiting() == 0) {
          return rested(http, view);
        }
        if (System.nanoTime() > deadline) {
          throw new DemoException(
              "settlement stands still at %d of %d claims: %s"
                  .formatted(settled, granted, view.condition()));
        }
        if (view.inFlight() > 0 || view.confirmed() > 0) {
          chain.mine(1);
        }
        Pauses.millis(POLL_MILLIS);
      }
    }
  }

  /** A split of a fee coin may still be unconfirmed: the account waits until nothing moves. */
  private SettlementView rested(VtsHttpClient http, SettlementView last) {
    SettlementView view = last;
    for (int still = 0; still < 2; ) {
      ServerHeight.await(server, chain.mine(1));
      Pauses.millis(POLL_MILLIS);
      SettlementView now = SettlementView.of(http);
      still = now.equals(view) ? still + 1 : 0;
      view = now;
    }
    return view;
  }

  private static long deadline() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
  }
}
