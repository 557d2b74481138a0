package org.micropay.vts.appliance.demo;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.ClaimStreamClient;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.ticket.Network;

/** One connection of the claim stream, made anew when it breaks. Any thread. */
final class StreamLine extends ClaimLine {
  private static final int CONNECT_MILLIS = 5_000;

  private final ServerProcess server;
  private final Network network;
  private ClaimStreamClient client;

  StreamLine(ServerProcess server, Network network) {
    this.server = server;
    this.network = network;
  }

  @Override
  CompletableFuture<ClaimReply> sendOnce(PlannedClaim claim) {
    ClaimStreamClient current = connected();
    CompletableFuture<ClaimReply> reply = current.send(claim.bytes());
    return reply.whenComplete(
        (answer, failure) -> {
          if (failure instanceof VtsException) {
            forget(current);
          }
        });
  }

  private synchronized ClaimStreamClient connected() {
    if (client == null) {
      client =
          ClaimStreamClient.connect(
              server.streamAddress(), Optional.empty(), network, CONNECT_MILLIS);
    }
    return client;
  }

  private synchronized void forget(ClaimStreamClient broken) {
    if (client == broken) {
      client = null;
    }
  }

  @Override
  void flush() {
    ClaimStreamClient current;
    synchronized (this) {
      current = client;
    }
    if (current != null) {
      current.flush();
    }
  }

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
