package org.micropay.vts.proxy;

/**
 * How much one client, and all of them together, may have of the proxy.
 *
 * @param headerBytes all header fields of one request
 * @param lineBytes request line
 * @param bodyBytes of one request's body
 * @param connections open at once; one more is closed before it says anything
 * @param concurrent requests at the server behind; more are answered 503 before their ticket counts
 * @param asksPerSecond challenges for one client address (IPv6: its /64); more are answered 429
 * @param idleSeconds without a byte, after which a connection is closed
 * @param upstreamSeconds until the server behind must have begun to answer
 * @param drainSeconds that requests in progress get at the end
 */
public record ProxyLimits(
    int headerBytes,
    int lineBytes,
    long bodyBytes,
    int connections,
    int concurrent,
    int asksPerSecond,
    int idleSeconds,
    int upstreamSeconds,
    int drainSeconds) {
  /** 16 KiB of header, 64 MiB of body, 10,000 connections, 100 challenges a second. */
  public static final ProxyLimits DEFAULT =
      new ProxyLimits(16_384, 8_192, 64L << 20, 10_000, 1_024, 100, 60, 30, 10);

  /** Checks the ranges. */
  public ProxyLimits {
    if (headerBytes < 1_024
        || lineBytes < 256
        || bodyBytes < 0
        || connections < 1
        || concurrent < 1
        || asksPerSecond < 1
        || idleSeconds < 1
        || upstreamSeconds < 1
        || drainSeconds < 0) {
      throw new IllegalArgumentException("a limit of the proxy is out of range");
    }
  }

  /** The same with another number of challenges a second. */
  public ProxyLimits withAsksPerSecond(int other) {
    return new ProxyLimits(
        headerBytes,
        lineBytes,
        bodyBytes,
        connections,
        concurrent,
        other,
        idleSeconds,
        upstreamSeconds,
        drainSeconds);
  }

  /** The same with another body limit. */
  public ProxyLimits withBodyBytes(long other) {
    return new ProxyLimits(
        headerBytes,
        lineBytes,
        other,
        connections,
        concurrent,
        asksPerSecond,
        idleSeconds,
        upstreamSeconds,
        drainSeconds);
  }

  /** The same with other times. */
  public ProxyLimits withSeconds(int idle, int upstream, int drain) {
    return new ProxyLimits(
        headerBytes,
        lineBytes,
        bodyBytes,
        connections,
        concurrent,
        asksPerSecond,
        idle,
        upstream,
        drain);
  }
}
