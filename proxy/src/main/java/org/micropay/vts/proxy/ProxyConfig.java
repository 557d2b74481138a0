package org.micropay.vts.proxy;

import io.vertx.core.net.KeyCertOptions;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a proxy needs beside its merchant.
 *
 * @param host to listen on
 * @param port to listen on; 0 for any
 * @param adminHost of the revenue page, metrics and health; loopback unless told otherwise
 * @param adminPort of them; 0 for any, -1 for none
 * @param prices by path
 * @param limits of everything
 * @param origins web origins whose pages may pay from a browser (CORS); {@code *} for all
 * @param tls certificate and key; empty for plain HTTP
 * @param loops event loops that serve connections; 1 when the port is any
 */
public record ProxyConfig(
    String host,
    int port,
    String adminHost,
    int adminPort,
    PriceList prices,
    ProxyLimits limits,
    Set<String> origins,
    Optional<KeyCertOptions> tls,
    int loops) {
  /** Loopback, any ports, default limits. */
  public static ProxyConfig onLoopback(PriceList prices) {
    return new ProxyConfig(
        "127.0.0.1", 0, "127.0.0.1", 0, prices, ProxyLimits.DEFAULT, Set.of(), Optional.empty(), 1);
  }

  /** The same with other limits. */
  public ProxyConfig with(ProxyLimits other) {
    return new ProxyConfig(host, port, adminHost, adminPort, prices, other, origins, tls, loops);
  }

  /** The same with pages of these origins allowed to pay. */
  ProxyConfig withOrigins(Set<String> others) {
    return new ProxyConfig(host, port, adminHost, adminPort, prices, limits, others, tls, loops);
  }

  /** The same with other addresses. */
  public ProxyConfig listening(String newHost, int newPort, String newAdminHost, int newAdminPort) {
    return new ProxyConfig(
        newHost, newPort, newAdminHost, newAdminPort, prices, limits, origins, tls, loops);
  }

  /** Prices of everything below the root. */
  static PriceList everything(org.micropay.vts.merchant.Price price) {
    return new PriceList(List.of(new PriceList.Rule("/**", price)));
  }
}
