package org.micropay.vts.experiments;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.ClaimStreamClient;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.ticket.Network;

/**
 * Load on a VTS's claim stream: the given claims in turns, pipelined on each connection up to what
 * the server's welcome allows. A claim that comes again takes the whole way but the journal's and
 * gets the same answer. Error names are answer codes in lower case, {@code no_answer} and {@code
 * broken_connection}.
 */
public final class ClaimTarget implements LoadTarget {
  private static final int TIMEOUT_MILLIS = 10_000;

  private final InetSocketAddress address;
  private final Network network;
  private final List<byte[]> claims;
  private final AtomicLong next = new AtomicLong();

  /** {@code claims} are canonical bytes, at least one. */
  public ClaimTarget(InetSocketAddress address, Network network, List<byte[]> claims) {
    if (claims.isEmpty()) {
      throw new IllegalArgumentException("no claims to send");
    }
    this.address = address;
    this.network = network;
    this.claims = List.copyOf(claims);
  }

  @Override
  public LoadSession open(int connection) {
    try {
      return new Session(
          ClaimStreamClient.connect(address, Optional.empty(), network, TIMEOUT_MILLIS));
    } catch (VtsException e) {
      throw new LoadException(e.getMessage(), e);
    }
  }

  private final class Session implements LoadSession {
    private final ClaimStreamClient client;

    private Session(ClaimStreamClient client) {
      this.client = client;
    }

    @Override
    public CompletionStage<String> send() {
      byte[] claim = claims.get((int) (next.getAndIncrement() % claims.size()));
      return client.send(claim).handle(Session::kind);
    }

    private static String kind(ClaimReply reply, Throwable failure) {
      if (failure != null) {
        return "broken_connection";
      }
      return reply.isGranted() ? OK : reply.code().name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void flush() {
      client.flush();
    }

    @Override
    public void close() {
      client.close();
    }
  }
}
