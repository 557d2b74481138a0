package org.micropay.vts.experiments;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.micropay.vts.merchant.TicketResult;

/**
 * The network test (figure 6): what a reader waits behind a slow line, once for an ask and the free
 * page, once for an ask and the bought page, in turns. Some readers beside each other, each serial,
 * instead of one who takes over an hour; they do not load the server.
 */
final class NetworkTest {
  private static final int READERS = 8;
  private static final int TIMEOUT_MILLIS = 60_000;

  private NetworkTest() {}

  /**
   * Milliseconds of every sample.
   *
   * @param control ask and /base
   * @param experiment ask, the ticket's making, and /buy
   */
  record Result(double[] control, double[] experiment, String emulation) {}

  static Result measure(SlowLine line, Buyers buyers, int samples, PaperProgress progress) {
    double[] control = new double[samples];
    double[] experiment = new double[samples];
    try (ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
      List<Future<?>> running = new ArrayList<>();
      for (int reader = 0; reader < READERS; reader++) {
        int first = reader;
        running.add(
            readers.submit(
                () -> {
                  read(line.uri(), buyers, first, control, experiment, progress);
                  return null;
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new LoadException("the network test failed: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted in the network test", e);
    }
    return new Result(control, experiment, line.description());
  }

  private static void read(
      URI uri,
      Buyers buyers,
      int first,
      double[] control,
      double[] experiment,
      PaperProgress progress)
      throws IOException {
    try (HttpConnection connection = new HttpConnection(uri, TIMEOUT_MILLIS)) {
      pair(connection, buyers, false);
      for (int i = first; i < control.length; i += READERS) {
        control[i] = pair(connection, buyers, false);
        experiment[i] = pair(connection, buyers, true);
        synchronized (progress) {
          progress.advance(1);
        }
      }
    }
  }

  private static double pair(HttpConnection connection, Buyers buyers, boolean buys)
      throws IOException {
    long begin = System.nanoTime();
    Asked asked =
        Asked.fromDocument(connection.exchange(connection.get("/ask")).body())
            .orElseThrow(() -> new IOException("/ask gave no ask"));
    HttpConnection.Response response;
    if (buys) {
      Buyers.Made made = buyers.make(asked);
      response =
          connection.exchange(
              connection.get("/buy", "Authorization", made.presented().authorization()));
      String result = response.headers().get("vts-ticket-result");
      if (result != null && TicketResult.parse(result).isWon()) {
        buyers.won(made.escrow());
      }
    } else {
      response = connection.exchange(connection.get("/base"));
    }
    if (response.status() != 200) {
      throw new IOException("a page was answered with status " + response.status());
    }
    return (System.nanoTime() - begin) / 1e6;
  }
}
