package org.micropay.vts.experiments;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.micropay.vts.experiments.HttpConnection.Response;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.CannotPayException;
import org.micropay.vts.merchant.Challenge;
import org.micropay.vts.merchant.MerchantStorageException;
import org.micropay.vts.merchant.PayingClient;
import org.micropay.vts.merchant.SpendingLimits;
import org.micropay.vts.merchant.TicketResult;

/**
 * Load over HTTP/1.1 on kept connections: pages, asks or purchases. Error names: {@code
 * status_NNN}, {@code timeout}, {@code broken_connection}, {@code unreachable}, {@code no_ask},
 * {@code no_result}, and in lower case the reason of a wallet that does not pay or of a ticket that
 * is refused.
 */
public final class HttpTarget implements LoadTarget {
  private static final int TIMEOUT_MILLIS = 20_000;
  private static final int OK_STATUS = 200;
  private static final int PAYMENT_REQUIRED = 402;

  private final URI uri;
  private final Exchange exchange;

  /** What one request is: one exchange, or two. */
  private interface Exchange {
    String on(HttpConnection connection) throws IOException;
  }

  private HttpTarget(URI uri, Exchange exchange) {
    this.uri = uri;
    this.exchange = exchange;
  }

  /** A page that is free: status 200. */
  public static HttpTarget pages(URI uri) {
    return new HttpTarget(
        uri,
        connection -> {
          Response response = get(connection, uri);
          return response.status() == OK_STATUS ? LoadSession.OK : status(response);
        });
  }

  /** An ask: a challenge with status 402, or the document of the sample server's /ask. */
  public static HttpTarget asks(URI uri) {
    return new HttpTarget(
        uri,
        connection -> {
          Response response = get(connection, uri);
          boolean document =
              response.status() == OK_STATUS
                  && response.headers().getOrDefault("content-type", "").contains("json")
                  && Asked.fromDocument(response.body()).isPresent();
          boolean challenge =
              response.status() == PAYMENT_REQUIRED && challenge(response).isPresent();
          return document || challenge
              ? LoadSession.OK
              : response.status() == OK_STATUS || response.status() == PAYMENT_REQUIRED
                  ? "no_ask"
                  : status(response);
        });
  }

  /**
   * A purchase: the ask, a ticket from the wallet, which stores it, and the page with the ticket's
   * outcome.
   *
   * @param limits of spending; {@code perRun} counts over the whole load
   */
  public static HttpTarget buys(URI uri, BuyerWallet wallet, SpendingLimits limits) {
    String site = PayingClient.site(uri);
    return new HttpTarget(uri, connection -> buy(connection, uri, wallet, site, limits));
  }

  private static String buy(
      HttpConnection connection, URI uri, BuyerWallet wallet, String site, SpendingLimits limits)
      throws IOException {
    Response asked = get(connection, uri);
    if (asked.status() != PAYMENT_REQUIRED) {
      return asked.status() == OK_STATUS ? "not_for_sale" : status(asked);
    }
    var challenge = challenge(asked);
    if (challenge.isEmpty()) {
      return "no_ask";
    }
    BuyerWallet.Payment payment;
    try {
      payment = wallet.pay(challenge.get(), site, limits);
    } catch (CannotPayException e) {
      return e.reason().name().toLowerCase(Locale.ROOT);
    } catch (MerchantStorageException e) {
      return "wallet";
    }
    Response bought =
        connection.exchange(
            connection.get(path(uri), "Authorization", payment.ticket().authorization()));
    String result = bought.headers().get(TicketResult.HEADER.toLowerCase(Locale.ROOT));
    if (result != null) {
      wallet.learn(payment, TicketResult.parse(result));
    }
    if (bought.status() == PAYMENT_REQUIRED) {
      return challenge(bought)
          .map(c -> c.refusal().name().toLowerCase(Locale.ROOT))
          .orElse("no_ask");
    }
    if (bought.status() != OK_STATUS) {
      return status(bought);
    }
    return result == null ? "no_result" : LoadSession.OK;
  }

  private static Response get(HttpConnection connection, URI uri) throws IOException {
    return connection.exchange(connection.get(path(uri)));
  }

  private static String path(URI uri) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
  }

  private static java.util.Optional<Challenge> challenge(Response response) {
    String header = response.headers().get(Challenge.HEADER.toLowerCase(Locale.ROOT));
    return header == null ? java.util.Optional.empty() : Challenge.parse(header);
  }

  private static String status(Response response) {
    return "status_" + response.status();
  }

  @Override
  public LoadSession open(int number) {
    HttpConnection connection = new HttpConnection(uri, TIMEOUT_MILLIS);
    try {
      connection.connect();
    } catch (IOException e) {
      throw new LoadException(
          "%s cannot be reached: %s".formatted(uri.getAuthority(), reason(e)), e);
    }
    return new Session(connection, exchange);
  }

  private static String reason(IOException e) {
    return e instanceof UnknownHostException ? "no such host" : e.getMessage();
  }

  /** Completes before {@link #send} returns. */
  private record Session(HttpConnection connection, Exchange exchange) implements LoadSession {
    @Override
    public CompletionStage<String> send() {
      return CompletableFuture.completedFuture(result());
    }

    private String result() {
      try {
        return exchange.on(connection);
      } catch (SocketTimeoutException e) {
        return "timeout";
      } catch (ConnectException e) {
        return "unreachable";
      } catch (IOException e) {
        return "broken_connection";
      } catch (IllegalArgumentException e) {
        return "malformed_answer";
      }
    }

    @Override
    public void close() {
      connection.close();
    }
  }
}
