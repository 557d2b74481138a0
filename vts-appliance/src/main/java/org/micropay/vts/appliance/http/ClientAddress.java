package org.micropay.vts.appliance.http;

import io.vertx.core.net.SocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** Who a connection belongs to, as far as limits for one client go. Pure functions. */
public final class ClientAddress {
  private static final int NETWORK_BYTES = 8;

  private ClientAddress() {}

  /**
   * The peer's IPv4 address, or the first 64 bits of its IPv6 address: whoever has one address of
   * such a network has all of them. Empty when there is none.
   */
  public static String of(SocketAddress peer) {
    if (peer == null || peer.hostAddress() == null) {
      return "";
    }
    InetAddress address = InetAddress.ofLiteral(peer.hostAddress());
    if (address instanceof Inet6Address) {
      return HexFormat.of().formatHex(Arrays.copyOf(address.getAddress(), NETWORK_BYTES));
    }
    return address.getHostAddress();
  }
}
