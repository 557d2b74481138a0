package org.micropay.vts.merchant;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

/**
 * What a merchant demands for one resource, as HTTP carries it (docs/PAYING.md defines it to the
 * byte): the price, the VTS that escrows must name, and a fresh ask.
 *
 * <pre>
 *   HTTP/1.1 402 Payment Required
 *   WWW-Authenticate: VTS-Ticket version=1, network=regtest, vts="http://127.0.0.1:8480",
 *     vts-key=02e666..., price=1500, counter=0006919af0000001, ask=ZLbIYF..., ask-expires=1800000300,
 *     min-expiry=3600
 * </pre>
 *
 * @param network chain of the escrow
 * @param vts base URL of the VTS's HTTP interface
 * @param vtsKey key that the terms must name
 * @param price least expected value of the ticket
 * @param counter to come back beside the ticket
 * @param ask commitment and payout script
 * @param askExpires Unix seconds until which the ticket must arrive
 * @param minExpirySeconds the ticket's expiry must be at least so far from now
 * @param minOdds least N of 1/N that is taken
 * @param maxOdds greatest N
 * @param refusal why a ticket that came was not taken; PAYMENT_REQUIRED when none came
 */
public record Challenge(
    Network network,
    URI vts,
    PublicKey vtsKey,
    Price price,
    long counter,
    Ask ask,
    long askExpires,
    long minExpirySeconds,
    int minOdds,
    int maxOdds,
    TicketRefusal refusal) {
  /** The response header. */
  public static final String HEADER = "WWW-Authenticate";

  private static final int VERSION = 1;
  private static final long MAX_SECONDS = 0xFFFF_FFFFL;

  /** Value of the header. */
  public String toHeader() {
    return PresentedTicket.SCHEME
        + " "
        + AuthParameters.of(
                "version",
                Integer.toString(VERSION),
                "network",
                network.id(),
                "vts",
                vts.toString(),
                "vts-key",
                vtsKey.toHex(),
                "price",
                Long.toString(price.msat()),
                "counter",
                PresentedTicket.counterText(counter),
                "ask",
                ask.toBase64Url(),
                "ask-expires",
                Long.toString(askExpires),
                "min-expiry",
                Long.toString(minExpirySeconds),
                "min-odds",
                minOdds > 1 ? Integer.toString(minOdds) : null,
                "max-odds",
                maxOdds < Integer.MAX_VALUE ? Integer.toString(maxOdds) : null,
                "error",
                refusal == TicketRefusal.PAYMENT_REQUIRED ? null : refusal.name())
            .toString();
  }

  /** The members that the problem document of the same answer carries. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", VERSION);
    json.put("network", network.id());
    json.put("vts", vts.toString());
    json.put("vtsKey", vtsKey.toHex());
    json.put("priceMsat", price.msat());
    json.put("counter", PresentedTicket.counterText(counter));
    json.put("ask", ask.toBase64Url());
    json.put("askExpires", askExpires);
    json.put("minExpirySeconds", minExpirySeconds);
    json.put("minOdds", minOdds);
    json.put("maxOdds", maxOdds);
    return json;
  }

  /**
   * Finds the scheme's challenge in a value of WWW-Authenticate.
   *
   * @return empty when the header does not offer the scheme, or only another version of it
   * @throws IllegalArgumentException when it does and does not follow the format
   */
  public static Optional<Challenge> parse(String header) {
    Optional<AuthParameters> found = AuthParameters.ofScheme(PresentedTicket.SCHEME, header);
    if (found.isEmpty() || found.get().requireNumber("version", Integer.MAX_VALUE) != VERSION) {
      return Optional.empty();
    }
    AuthParameters values = found.get();
    try {
      return Optional.of(
          new Challenge(
              Network.ofId(values.require("network")),
              vts(values.require("vts")),
              PublicKey.fromHex(values.require("vts-key")),
              new Price(values.requireNumber("price", Long.MAX_VALUE)),
              PresentedTicket.parseCounter(values.require("counter")),
              Ask.fromBase64Url(values.require("ask")),
              values.requireNumber("ask-expires", MAX_SECONDS),
              values.requireNumber("min-expiry", MAX_SECONDS),
              odds(values, "min-odds", 1),
              odds(values, "max-odds", Integer.MAX_VALUE),
              refusal(values)));
    } catch (ProtocolException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static URI vts(String text) {
    URI uri = URI.create(text);
    if (uri.getHost() == null
        || !"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) {
      throw new IllegalArgumentException("vts '" + text + "' is no http(s) URL with a host");
    }
    return uri;
  }

  private static int odds(AuthParameters values, String name, int otherwise) {
    return values.get(name).isEmpty()
        ? otherwise
        : (int) values.requireNumber(name, Integer.MAX_VALUE);
  }

  private static TicketRefusal refusal(AuthParameters values) {
    String name = values.get("error").orElse(TicketRefusal.PAYMENT_REQUIRED.name());
    for (TicketRefusal refusal : TicketRefusal.values()) {
      if (refusal.name().equals(name)) {
        return refusal;
      }
    }
    // A later version's reason: the challenge itself is still good.
    return TicketRefusal.PAYMENT_REQUIRED;
  }

  /** Whether an escrow on these terms can pay: chain, VTS, odds and worth of a ticket. */
  public boolean accepts(Terms terms) {
    return terms.network() == network.magic()
        && terms.vtsKey().equals(vtsKey)
        && terms.odds() >= minOdds
        && terms.odds() <= maxOdds
        && price.isCoveredBy(terms);
  }
}
