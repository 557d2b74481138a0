package org.micropay.vts.appliance.demo;

import java.util.concurrent.TimeUnit;
import org.micropay.vts.merchant.VtsHttpClient;

/** Waits for the server to have followed the chain. */
final class ServerHeight {
  private static final int PATIENCE_SECONDS = 60;
  private static final int POLL_MILLIS = 10;

  private ServerHeight() {}

  /** Returns when the ledger knows the chain up to this height. */
  static void await(ServerProcess server, int height) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try (VtsHttpClient http = server.http()) {
      int seen;
      while ((seen = http.get("/v1/status").body().path("chain").path("height").asInt()) < height) {
        if (System.nanoTime() > deadline) {
          throw new DemoException(
              "the server stands at block %d; block %d was mined %d s ago"
                  .formatted(seen, height, PATIENCE_SECONDS));
        }
        Pauses.millis(POLL_MILLIS);
      }
    }
  }
}
