package org.micropay.vts.appliance.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Where a server listens or a client connects: {@code host:port}, IPv6 hosts in brackets. */
public record Endpoint(String host, int port) {
  /** Port 0 lets the system choose a free one; only useful for listening. */
  public Endpoint {
    ConfigException.require(!host.isBlank(), "endpoint: the host is empty; write host:port");
    ConfigException.require(
        port >= 0 && port <= 0xFFFF, "endpoint: port %d is not within 0..65535", port);
  }

  /** Reads {@code host:port}. */
  @JsonCreator
  public static Endpoint parse(String text) {
    int colon = text.lastIndexOf(':');
    ConfigException.require(colon > 0, "endpoint '%s' has no port; write host:port", text);
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      return new Endpoint(host, Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new ConfigException("endpoint '" + text + "' has no number after ':'; write host:port");
    }
  }

  /** Whether only this machine can reach it, by name or literal address. */
  public boolean isLoopback() {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
  }

  @JsonValue
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
