package org.micropay.vts.experiments;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;
import org.micropay.vts.merchant.TicketResult;

/**
 * The web experiment (section 4.3): as many requests to /base, /ask and /buy in turns, on kept
 * connections, run after run. /buy is measured twice, with tickets of buyers who come back and with
 * tickets on escrows that the merchant does not remember. Tickets are made between /ask and /buy,
 * outside what is measured.
 */
final class WebExperiment {
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final int SPARE_SHARE = 25;
  private static final String BASE = "/base?name=reader";
  private static final String BUY = "/buy?name=reader";

  private final ServerProcess server;
  private final URI uri;
  private final URI askUri;
  private final Buyers buyers;
  private final int threads;

  /**
   * One page's figures over all runs.
   *
   * @param path of the page
   * @param perSecond requests a second by wall time
   * @param cpuMicros CPU time of the server's process a request
   * @param latency nanoseconds of every request
   * @param failed requests that did not do what they should
   */
  record Arm(
      String path, Statistics perSecond, Statistics cpuMicros, Histogram latency, long failed) {}

  /**
   * The experiment.
   *
   * @param buy by buyers who come back
   * @param first by buyers with another escrow each time
   * @param share throughput of /buy over /base's, run by run
   * @param wins tickets that won, of all that were sent
   */
  record Result(
      Arm base,
      Arm ask,
      Arm buy,
      Arm first,
      Statistics share,
      int requests,
      int runs,
      int threads,
      long wins,
      boolean pinned) {
    /** Throughput of /buy as a share of /base's. */
    double ratio() {
      return buy.perSecond().mean() / base.perSecond().mean();
    }

    /** The same by the server's CPU time. */
    double cpuRatio() {
      return base.cpuMicros().mean() / buy.cpuMicros().mean();
    }

    /** The same for first purchases. */
    double firstCpuRatio() {
      return base.cpuMicros().mean() / first.cpuMicros().mean();
    }

    /** Ask + buy against ask + base, by CPU time. */
    double pairCpuRatio() {
      return (ask.cpuMicros().mean() + base.cpuMicros().mean())
          / (ask.cpuMicros().mean() + buy.cpuMicros().mean());
    }

    /** What a ticket costs the server's core beside the page, microseconds. */
    double ticketMicros() {
      return buy.cpuMicros().mean() - base.cpuMicros().mean();
    }

    /** The same for a first purchase. */
    double firstTicketMicros() {
      return first.cpuMicros().mean() - base.cpuMicros().mean();
    }
  }

  WebExperiment(ServerProcess server, URI uri, Buyers buyers, int threads) {
    this(server, uri, uri, buyers, threads);
  }

  /** The same with asks from another address of the same merchant. */
  WebExperiment(ServerProcess server, URI uri, URI askUri, Buyers buyers, int threads) {
    this.server = server;
    this.uri = uri;
    this.askUri = askUri;
    this.buyers = buyers;
    this.threads = threads;
  }

  /** Warm-up, then the runs; {@code progress} is told of each. */
  Result measure(int requests, int runs, int warmUps, PaperProgress progress) {
    Samples base = new Samples("/base", runs);
    Samples ask = new Samples("/ask", runs);
    Samples buy = new Samples("/buy", runs);
    Samples first = new Samples("/buy, first time", runs);
    long[] wins = {0};
    for (int run = -warmUps; run < runs; run++) {
      base.take(run, target(BASE), requests);
      buy.take(run, target(BUY, tickets(ask, run, requests, true), wins), requests);
      first.take(run, target(BUY, tickets(ask, -1, requests, false), wins), requests);
      progress.advance(1);
    }
    return new Result(
        base.arm(),
        ask.arm(),
        buy.arm(),
        first.arm(),
        Statistics.of(buy.shareOf(base)),
        requests,
        runs,
        threads,
        wins[0],
        server.isPinned());
  }

  /** Asks for tickets, with some to spare for escrows that win meanwhile, and makes them. */
  private List<Buyers.Made> tickets(Samples ask, int run, int requests, boolean comeBack) {
    List<Asked> asked = Collections.synchronizedList(new ArrayList<>());
    ask.take(run, asks(asked), requests + requests / SPARE_SHARE + threads);
    return buyers.make(asked, comeBack);
  }

  /** Collects one page's runs. */
  private final class Samples {
    private final String path;
    private final double[] perSecond;
    private final double[] cpuMicros;
    private final Histogram latency = new Histogram(3_600_000_000_000L, 3);
    private long failed;

    Samples(String path, int runs) {
      this.path = path;
      this.perSecond = new double[runs];
      this.cpuMicros = new double[runs];
    }

    void take(int run, LoadTarget target, int requests) {
      long cpu = server.cpuNanos();
      LoadResult result = LoadRun.of(target, LoadOptions.closed(threads, requests));
      double micros = (server.cpuNanos() - cpu) / 1e3 / requests;
      if (result.succeeded() == 0) {
        throw new LoadException("no request to " + path + " succeeded: " + result.errors());
      }
      if (run >= 0) {
        perSecond[run] = result.throughput();
        cpuMicros[run] = micros;
        latency.add(result.latency());
        failed += result.sent() - result.succeeded();
      }
    }

    /** This page's rate over another's, of the same run each: a machine's moods hit both. */
    double[] shareOf(Samples other) {
      double[] shares = new double[perSecond.length];
      for (int run = 0; run < shares.length; run++) {
        shares[run] = perSecond[run] / other.perSecond[run];
      }
      return shares;
    }

    Arm arm() {
      return new Arm(path, Statistics.of(perSecond), Statistics.of(cpuMicros), latency, failed);
    }
  }

  private LoadTarget asks(List<Asked> asked) {
    return connection ->
        new Session(askUri) {
          private final byte[] request = get("/ask");

          @Override
          String exchange() throws IOException {
            HttpConnection.Response response = connection().exchange(request);
            return Asked.fromDocument(response.body())
                .map(
                    one -> {
                      asked.add(one);
                      return OK;
                    })
                .orElse("no_ask");
          }
        };
  }

  /** GETs of a free page. */
  private LoadTarget target(String path) {
    return connection ->
        new Session(uri) {
          private final byte[] request = get(path);

          @Override
          String exchange() throws IOException {
            return kind(connection().exchange(request));
          }
        };
  }

  /** GETs with the next ticket whose escrow has not won meanwhile. */
  private LoadTarget target(String path, List<Buyers.Made> made, long[] wins) {
    AtomicInteger next = new AtomicInteger();
    return connection ->
        new Session(uri) {
          @Override
          String exchange() throws IOException {
            Buyers.Made ticket = made.get(next.getAndIncrement());
            while (buyers.hasWon(ticket.escrow())) {
              ticket = made.get(next.getAndIncrement());
            }
            HttpConnection.Response response =
                connection()
                    .exchange(get(path, "Authorization", ticket.presented().authorization()));
            String result = response.headers().get("vts-ticket-result");
            if (result != null && TicketResult.parse(result).isWon()) {
              buyers.won(ticket.escrow());
              synchronized (wins) {
                wins[0]++;
              }
            }
            return kind(response);
          }
        };
  }

  private static String kind(HttpConnection.Response response) {
    return response.status() == 200 ? LoadSession.OK : "status_" + response.status();
  }

  /** A connection of the experiment. */
  private abstract static class Session implements LoadSession {
    private final HttpConnection connection;

    Session(URI at) {
      connection = new HttpConnection(at, TIMEOUT_MILLIS);
    }

    HttpConnection connection() {
      return connection;
    }

    byte[] get(String path, String... headers) {
      return connection.get(path, headers);
    }

    abstract String exchange() throws IOException;

    @Override
    public CompletionStage<String> send() {
      try {
        return CompletableFuture.completedFuture(exchange());
      } catch (IOException e) {
        return CompletableFuture.completedFuture("broken_connection");
      }
    }

    @Override
    public void close() {
      connection.close();
    }
  }
}
