package org.micropay.vts.appliance.demo;

import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.ticket.Claim;

/** Claims by HTTP, each on a virtual thread of its own. Any thread. */
final class HttpLine extends ClaimLine {
  private final ServerProcess server;
  private URI base;
  private VtsHttpClient client;

  HttpLine(ServerProcess server) {
    this.server = server;
  }

  @Override
  CompletableFuture<ClaimReply> sendOnce(PlannedClaim claim) {
    Claim decoded =
        claim.claim().orElseThrow(() -> new IllegalArgumentException("HTTP sends whole claims"));
    VtsHttpClient http = client();
    return CompletableFuture.supplyAsync(() -> http.claim(decoded), VIRTUAL);
  }

  private synchronized VtsHttpClient client() {
    URI now = server.httpBase();
    if (!now.equals(base)) {
      // The client of a server that was killed has nothing left to wait for.
      if (client != null) {
        VtsHttpClient old = client;
        VIRTUAL.execute(old::close);
      }
      base = now;
      client = new VtsHttpClient(base);
    }
    return client;
  }

  @Override
  void flush() {}

  @Override
  public void close() {
    super.close();
    synchronized (this) {
      if (client != null) {
        client.close();
      }
    }
  }
}
