package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.micropay.vts.appliance.config.Endpoint;
import org.micropay.vts.appliance.config.MerchantSettings;
import org.micropay.vts.appliance.server.TlsFiles;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.RiskPolicy;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.proxy.PriceList;
import org.micropay.vts.proxy.ProxyConfig;
import org.micropay.vts.proxy.ProxyLimits;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;

/**
 * What {@code vts merchant}'s settings and options come to: the merchant's and the proxy's
 * configuration.
 *
 * @param settings of merchant.toml
 * @param resolve makes its relative paths absolute
 */
record MerchantSetup(MerchantSettings settings, UnaryOperator<Path> resolve) {

  /**
   * The merchant's side.
   *
   * @param payTo the payout script on the VTS's network
   * @param folder where the VTS's key is remembered
   */
  MerchantConfig merchant(VtsHttpClient vts, String url, PayTo payTo, Path folder) {
    JsonNode supported = supported(vts);
    Network network = Network.ofId(supported.path("network").asText());
    PublicKey vtsKey = pinned(supported, folder);
    PayoutScript script = payTo.on(network);
    var tickets = settings.tickets();
    var risk = settings.risk();
    return new MerchantConfig(
        network,
        URI.create(url),
        vtsKey,
        script,
        tickets.minExpirySeconds(),
        tickets.askLifeSeconds(),
        tickets.minOdds(),
        tickets.maxOdds(),
        new RiskPolicy(
            risk.minConfirmations(),
            risk.minBlocksToRefund(),
            risk.maxOutstanding(),
            risk.assumedOutstanding(),
            risk.maxPendingClaims()),
        risk.escrowAgeMillis(),
        risk.escrowStaleMillis());
  }

  /** Where winnings go, once the network is known. */
  @FunctionalInterface
  interface PayTo {
    /** The script; refuses an address of another network. */
    PayoutScript on(Network network);
  }

  private static JsonNode supported(VtsHttpClient vts) {
    VtsHttpClient.Answer answer = vts.get("/v1/supported");
    if (answer.status() != 200) {
      throw new VtsException("the VTS answered " + answer.code() + ": " + answer.detail());
    }
    return answer.body();
  }

  /** The key by configuration, or the one that was seen first: another one is refused. */
  private PublicKey pinned(JsonNode supported, Path folder) {
    String seen = supported.path("vtsKey").asText();
    Path file = folder.resolve("vts.key");
    try {
      String expected = settings.vts().key();
      if (expected == null && Files.exists(file)) {
        expected = Files.readString(file).strip();
      }
      if (expected != null && !expected.equals(seen)) {
        throw new CommandException(
            ExitCode.CONFIG,
            "WRONG_VTS_KEY",
            "the VTS has key %s instead of %s; if that is right, name it as vts.key"
                .formatted(seen, expected));
      }
      if (expected == null) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(file, seen + "\n");
      }
      return PublicKey.fromHex(seen);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "CANNOT_CREATE", file + ": " + e.getMessage());
    }
  }

  /**
   * The proxy's side.
   *
   * @param listen HOST:PORT that wins over the settings; null for theirs
   * @param revenue the same for the revenue page
   */
  ProxyConfig proxy(PriceList list, String listen, String revenue) {
    Endpoint at = listen == null ? settings.proxy().listen() : Endpoint.parse(listen);
    Endpoint own = revenue == null ? settings.proxy().revenue() : Endpoint.parse(revenue);
    var limits = settings.limits();
    int loops = settings.proxy().loops();
    return new ProxyConfig(
        at.host(),
        at.port(),
        own.host(),
        own.port(),
        list,
        new ProxyLimits(
            limits.headerBytes(),
            limits.lineBytes(),
            (long) limits.bodyMegabytes() << 20,
            limits.connections(),
            limits.concurrent(),
            limits.asksPerSecond(),
            limits.idleSeconds(),
            limits.upstreamSeconds(),
            limits.drainSeconds()),
        new HashSet<>(settings.proxy().origins()),
        Optional.ofNullable(settings.proxy().tls())
            .map(tls -> TlsFiles.read("proxy", tls, resolve)),
        loops == 0 ? Runtime.getRuntime().availableProcessors() : loops);
  }

  /** Prices of the options, else of the settings, else one satoshi for everything. */
  PriceList prices(List<String> options) {
    List<PriceList.Rule> rules = new ArrayList<>();
    for (String price : options) {
      rules.add(rule(price));
    }
    if (rules.isEmpty()) {
      settings
          .price()
          .forEach(
              line ->
                  rules.add(
                      new PriceList.Rule(
                          line.path(), Price.ofSatoshi(line.satoshi().toPlainString()))));
    }
    if (rules.isEmpty()) {
      rules.add(rule("/**=1"));
    }
    return new PriceList(rules);
  }

  /** Reads PATTERN=SATOSHI. */
  static PriceList.Rule rule(String text) {
    int equals = text.lastIndexOf('=');
    if (equals < 1) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--price '" + text + "' is not PATTERN=SATOSHI");
    }
    try {
      return new PriceList.Rule(
          text.substring(0, equals), Price.ofSatoshi(text.substring(equals + 1)));
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--price '%s': %s".formatted(text, e.getMessage()));
    }
  }
}
