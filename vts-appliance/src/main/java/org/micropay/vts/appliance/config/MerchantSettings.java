package org.micropay.vts.appliance.config;

import static org.micropay.vts.appliance.config.ConfigException.require;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything a merchant can set, as it stands in {@code merchant.toml}. A missing key means its
 * default; an unknown key is refused. Relative paths count from the file's folder.
 *
 * @param proxy where to listen, what stands behind
 * @param vts which VTS counter-signs
 * @param payout where winnings go
 * @param tickets which are taken
 * @param risk when an escrow is trusted
 * @param limits of clients
 * @param price by path
 */
public record MerchantSettings(
    Proxy proxy,
    Vts vts,
    Payout payout,
    Tickets tickets,
    Risk risk,
    Limits limits,
    List<PriceLine> price) {
  /** Fills missing sections with their defaults. */
  public MerchantSettings {
    proxy = proxy == null ? new Proxy(null, null, null, null, null, null, null) : proxy;
    vts = vts == null ? new Vts(null, null) : vts;
    payout = payout == null ? new Payout(null) : payout;
    tickets = tickets == null ? new Tickets(null, null, null, null) : tickets;
    risk = risk == null ? new Risk(null, null, null, null, null, null, null) : risk;
    limits =
        limits == null ? new Limits(null, null, null, null, null, null, null, null, null) : limits;
    price = price == null ? List.of() : price;
  }

  /** All defaults. */
  public static MerchantSettings defaults() {
    return new MerchantSettings(null, null, null, null, null, null, null);
  }

  /**
   * Where the proxy listens and what stands behind it.
   *
   * @param listen for customers
   * @param revenue for the merchant's own page, metrics and health
   * @param upstream http(s)://host[:port] of the server behind
   * @param data folder of everything that must outlive the process
   * @param origins web origins whose pages may pay from a browser
   * @param loops event loops; 0 for one a core
   * @param tls certificate and key
   */
  public record Proxy(
      Endpoint listen,
      Endpoint revenue,
      String upstream,
      Path data,
      List<String> origins,
      Integer loops,
      ApplianceConfig.Tls tls) {
    /** Defaults: loopback, ports 8402 and 8403, folder {@code merchant-data}. */
    public Proxy {
      listen = listen == null ? new Endpoint("127.0.0.1", 8402) : listen;
      revenue = revenue == null ? new Endpoint("127.0.0.1", 8403) : revenue;
      data = data == null ? Path.of("merchant-data") : data;
      origins = origins == null ? List.of() : origins;
      loops = loops == null ? 0 : loops;
      require(loops >= 0 && loops <= 256, "proxy.loops %d is not within 0..256", loops);
    }
  }

  /**
   * The VTS.
   *
   * @param url base of its HTTP interface
   * @param key its key, hex; without it the first one seen is kept in the data folder
   */
  public record Vts(String url, String key) {
    /** Default: this machine's. */
    public Vts {
      url = url == null ? "http://127.0.0.1:8480" : url;
      require(isHttp(url), "vts.url '%s' is no http(s) URL with a host", url);
    }

    private static boolean isHttp(String url) {
      try {
        URI uri = new URI(url);
        return uri.getHost() != null
            && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
      } catch (URISyntaxException e) {
        return false;
      }
    }
  }

  /**
   * Where winnings go.
   *
   * @param address of the merchant's own wallet
   */
  public record Payout(String address) {}

  /**
   * Which tickets are taken.
   *
   * @param askLifeSeconds how long an ask may be answered
   * @param minExpirySeconds a ticket must be good for at least so long
   * @param minOdds least N of 1/N
   * @param maxOdds greatest N
   */
  public record Tickets(
      Integer askLifeSeconds, Integer minExpirySeconds, Integer minOdds, Integer maxOdds) {
    /** Defaults: 300 s, a day, all odds. */
    public Tickets {
      askLifeSeconds = askLifeSeconds == null ? 300 : askLifeSeconds;
      minExpirySeconds = minExpirySeconds == null ? 86_400 : minExpirySeconds;
      minOdds = minOdds == null ? 1 : minOdds;
      maxOdds = maxOdds == null ? Integer.MAX_VALUE : maxOdds;
      require(
          askLifeSeconds >= 1 && askLifeSeconds <= 3_600,
          "tickets.ask_life_seconds %d is not within 1..3600",
          askLifeSeconds);
      require(
          minExpirySeconds >= askLifeSeconds,
          "tickets.min_expiry_seconds %d is below ask_life_seconds",
          minExpirySeconds);
      require(minOdds >= 1 && minOdds <= maxOdds, "tickets.min_odds %d is above max_odds", minOdds);
    }
  }

  /**
   * When an escrow is trusted.
   *
   * @param minConfirmations beyond the VTS's own depth
   * @param minBlocksToRefund beyond the VTS's own margin
   * @param maxOutstanding tickets of one escrow in check at once
   * @param assumedOutstanding tickets elsewhere that a deposit must cover; 0 demands none
   * @param maxPendingClaims winners without the VTS's answer, above which nothing is served
   * @param escrowAgeMillis how long the VTS's word on an escrow is taken
   * @param escrowStaleMillis how long when the VTS cannot be asked
   */
  public record Risk(
      Integer minConfirmations,
      Integer minBlocksToRefund,
      Integer maxOutstanding,
      Integer assumedOutstanding,
      Integer maxPendingClaims,
      Integer escrowAgeMillis,
      Integer escrowStaleMillis) {
    /** Defaults: what the VTS calls live. */
    public Risk {
      minConfirmations = or(minConfirmations, 0);
      minBlocksToRefund = or(minBlocksToRefund, 0);
      maxOutstanding = or(maxOutstanding, 1);
      assumedOutstanding = or(assumedOutstanding, 0);
      maxPendingClaims = or(maxPendingClaims, 10_000);
      escrowAgeMillis = or(escrowAgeMillis, 10_000);
      escrowStaleMillis = or(escrowStaleMillis, 60_000);
    }
  }

  /** Bounds of clients; the fields are those of the proxy's limits. */
  public record Limits(
      Integer headerBytes,
      Integer lineBytes,
      Integer bodyMegabytes,
      Integer connections,
      Integer concurrent,
      Integer asksPerSecond,
      Integer idleSeconds,
      Integer upstreamSeconds,
      Integer drainSeconds) {
    /** Defaults of the proxy. */
    public Limits {
      headerBytes = or(headerBytes, 16_384);
      lineBytes = or(lineBytes, 8_192);
      bodyMegabytes = or(bodyMegabytes, 64);
      connections = or(connections, 10_000);
      concurrent = or(concurrent, 1_024);
      asksPerSecond = or(asksPerSecond, 100);
      idleSeconds = or(idleSeconds, 60);
      upstreamSeconds = or(upstreamSeconds, 30);
      drainSeconds = or(drainSeconds, 10);
    }
  }

  private static int or(Integer value, int otherwise) {
    int result = value == null ? otherwise : value;
    require(result >= 0, "%d is negative", result);
    return result;
  }

  /**
   * What a path costs.
   *
   * @param path pattern
   * @param satoshi with up to three decimals
   */
  public record PriceLine(String path, BigDecimal satoshi) {
    /** Checks that both are there. */
    public PriceLine {
      require(path != null && satoshi != null, "a [[price]] needs path and satoshi");
    }
  }

  /**
   * Reads and checks a file.
   *
   * @throws ConfigException naming the file, the line where it is known, the key and the value
   */
  public static MerchantSettings read(Path path) {
    try {
      MerchantSettings read =
          TomlFile.parse(path, Files.readAllBytes(path), MerchantSettings.class);
      return read == null ? defaults() : read;
    } catch (NoSuchFileException e) {
      throw new ConfigException(path + " does not exist; name another with --config");
    } catch (IOException e) {
      throw new ConfigException(path + " cannot be read: " + e.getMessage());
    }
  }
}
