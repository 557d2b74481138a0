package org.micropay.vts.merchant;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * An HTTP client that pays: asks, signs a ticket when the answer is 402, and asks again with it. A
 * ticket whose answer is lost, or that is not taken for the moment, is sent again, never replaced:
 * it may have been taken. Blocking; thread-safe as its wallet is.
 */
public final class PayingClient {
  private static final int PAYMENT_REQUIRED = 402;
  private static final int MAX_TICKETS = 2;
  private static final int MAX_SENDS = 4;
  private static final long PAUSE_MILLIS = 500;
  private static final int DEFAULT_HTTP = 80;
  private static final int DEFAULT_HTTPS = 443;

  private final BuyerWallet wallet;
  private final HttpClient http;
  private final EscrowSource vts;
  private final Duration timeout;
  private final Consumer<String> notes;

  /**
   * A client.
   *
   * @param http must not follow redirects: a ticket is for one request
   * @param vts asked about escrows whose outcome is not known
   * @param timeout until an answer begins
   * @param notes told one line when something is tried again
   */
  public PayingClient(
      BuyerWallet wallet,
      HttpClient http,
      EscrowSource vts,
      Duration timeout,
      Consumer<String> notes) {
    this.wallet = wallet;
    this.http = http;
    this.vts = vts;
    this.timeout = timeout;
    this.notes = notes;
  }

  /**
   * A request as it is sent, with and without a ticket.
   *
   * @param uri http or https
   * @param method token
   * @param headers name and value, in order
   * @param body empty for none
   */
  public record Request(
      URI uri, String method, List<Map.Entry<String, String>> headers, byte[] body) {
    /** A plain GET. */
    public static Request get(URI uri) {
      return new Request(uri, "GET", List.of(), new byte[0]);
    }
  }

  /**
   * An answer and what it cost.
   *
   * @param response its body not yet read; the caller closes it
   * @param paid expected value of the tickets that were sent
   * @param price that was asked; empty when nothing was
   * @param result of the last ticket; empty when the merchant said nothing of it
   * @param refusal why the last ticket was not taken; empty when it was
   * @param detail of the refusal, one line
   */
  public record Answer(
      HttpResponse<InputStream> response,
      Price paid,
      Optional<Price> price,
      Optional<TicketResult> result,
      Optional<TicketRefusal> refusal,
      String detail) {}

  /**
   * Sends a request and pays if that is asked, within the limits.
   *
   * @throws CannotPayException when the wallet does not pay; nothing was signed then
   * @throws VtsException when the server cannot be reached
   */
  public Answer send(Request request, SpendingLimits limits) {
    HttpResponse<InputStream> response = exchange(request, Optional.empty());
    Price paid = Price.FREE;
    Optional<Price> price = Optional.empty();
    Optional<TicketResult> result = Optional.empty();
    for (int tickets = 0; ; tickets++) {
      Optional<Challenge> challenge = challenge(response);
      if (challenge.isEmpty() || tickets == MAX_TICKETS) {
        return answer(response, paid, price, result, challenge);
      }
      if (tickets > 0 && result.filter(r -> !r.isWon()).isEmpty()) {
        // The ticket is out, and nobody says that it lost: another one would be a second stake.
        return answer(response, paid, price, result, challenge);
      }
      close(response);
      price = Optional.of(challenge.get().price());
      BuyerWallet.Payment payment = pay(challenge.get(), site(request.uri()), limits);
      paid = paid.plus(payment.worth());
      response = present(request, payment);
      result = learn(payment, response);
    }
  }

  private static Answer answer(
      HttpResponse<InputStream> response,
      Price paid,
      Optional<Price> price,
      Optional<TicketResult> result,
      Optional<Challenge> challenge) {
    boolean refused = response.statusCode() == PAYMENT_REQUIRED && paid.msat() > 0;
    return new Answer(
        response,
        paid,
        challenge.map(Challenge::price).or(() -> price),
        result,
        refused ? challenge.map(Challenge::refusal) : Optional.empty(),
        refused ? challenge.map(c -> c.refusal().text()).orElse("") : "");
  }

  private static Optional<Challenge> challenge(HttpResponse<InputStream> response) {
    if (response.statusCode() != PAYMENT_REQUIRED) {
      return Optional.empty();
    }
    for (String header : response.headers().allValues(Challenge.HEADER)) {
      Optional<Challenge> found = Challenge.parse(header);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private BuyerWallet.Payment pay(Challenge challenge, String site, SpendingLimits limits) {
    try {
      return wallet.pay(challenge, site, limits);
    } catch (CannotPayException e) {
      boolean mayBeFree =
          e.reason() == CannotPayException.Reason.ALL_OUTSTANDING
              || e.reason() == CannotPayException.Reason.NO_ESCROW;
      if (!mayBeFree || wallet.refresh(vts, System.currentTimeMillis() / 1000) == 0) {
        throw e;
      }
      notes.accept("escrows with expired tickets are free again");
      return wallet.pay(challenge, site, limits);
    }
  }

  /** Sends the ticket until it is taken or refused for good. */
  private HttpResponse<InputStream> present(Request request, BuyerWallet.Payment payment) {
    for (int sends = 1; ; sends++) {
      try {
        HttpResponse<InputStream> response = exchange(request, Optional.of(payment.ticket()));
        boolean again = isForTheMoment(response);
        if (!again || sends == MAX_SENDS) {
          return response;
        }
        notes.accept("status " + response.statusCode() + "; the same ticket is sent again");
        close(response);
      } catch (VtsException e) {
        if (sends == MAX_SENDS) {
          throw e;
        }
        notes.accept(e.getMessage() + "; the same ticket is sent again");
      }
      pause(PAUSE_MILLIS << (sends - 1));
    }
  }

  private static boolean isForTheMoment(HttpResponse<InputStream> response) {
    boolean reusable = result(response).filter(TicketResult::reusable).isPresent();
    boolean notTaken =
        (response.statusCode() == 503 || response.statusCode() == 429)
            && result(response).isEmpty();
    return reusable || notTaken;
  }

  private static Optional<TicketResult> result(HttpResponse<InputStream> response) {
    return response.headers().firstValue(TicketResult.HEADER).flatMap(PayingClient::parsed);
  }

  private static Optional<TicketResult> parsed(String header) {
    try {
      return Optional.of(TicketResult.parse(header));
    } catch (IllegalArgumentException e) {
      // As good as none: the ticket stays outstanding.
      return Optional.empty();
    }
  }

  private Optional<TicketResult> learn(
      BuyerWallet.Payment payment, HttpResponse<InputStream> response) {
    Optional<TicketResult> result = result(response);
    result.ifPresent(r -> wallet.learn(payment, r));
    return result;
  }

  private HttpResponse<InputStream> exchange(Request request, Optional<PresentedTicket> ticket) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(request.uri()).timeout(timeout);
    request.headers().forEach(h -> builder.header(h.getKey(), h.getValue()));
    boolean taken =
        request.headers().stream().anyMatch(h -> h.getKey().equalsIgnoreCase("authorization"));
    ticket.ifPresent(
        t -> {
          if (taken) {
            builder.header(PresentedTicket.HEADER, t.parameters());
          } else {
            builder.header("Authorization", t.authorization());
          }
        });
    builder.method(
        request.method(),
        request.body().length == 0
            ? BodyPublishers.noBody()
            : BodyPublishers.ofByteArray(request.body()));
    try {
      return http.send(builder.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new VtsException(site(request.uri()) + " cannot be reached: " + Unreachable.why(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VtsException("interrupted while waiting for " + site(request.uri()), e);
    }
  }

  private static void close(HttpResponse<InputStream> response) {
    try (InputStream body = response.body()) {
      body.skipNBytes(Math.min(body.available(), 1 << 16));
    } catch (IOException e) {
      // Its connection is given up; the next request opens another.
    }
  }

  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VtsException("interrupted while waiting to send a ticket again", e);
    }
  }

  /** Host and port, what limits are counted by. */
  public static String site(URI uri) {
    int port = uri.getPort();
    if (port < 0) {
      port = "https".equals(uri.getScheme()) ? DEFAULT_HTTPS : DEFAULT_HTTP;
    }
    return uri.getHost() + ":" + port;
  }
}
