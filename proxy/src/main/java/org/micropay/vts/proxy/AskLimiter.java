package org.micropay.vts.proxy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Challenges per client and second: a bucket per address that holds two seconds' worth. Bounded in
 * number; a forgotten client begins with a full bucket. Thread-safe.
 */
final class AskLimiter {
  private static final int MAX_CLIENTS = 65_536;
  private static final double BURST_SECONDS = 2;
  private static final int IPV6_PREFIX_BYTES = 8;

  private final double perSecond;
  private final Map<String, Bucket> clients =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MAX_CLIENTS;
        }
      };

  private static final class Bucket {
    double tokens;
    long filledNanos;
  }

  AskLimiter(double perSecond) {
    this.perSecond = perSecond;
  }

  /** Takes one; false when the client has had its share. */
  boolean tryTake(String address, long nowNanos) {
    String client = client(address);
    synchronized (clients) {
      Bucket bucket = clients.get(client);
      if (bucket == null) {
        bucket = new Bucket();
        bucket.tokens = perSecond * BURST_SECONDS;
        bucket.filledNanos = nowNanos;
        clients.put(client, bucket);
      }
      double earned = (nowNanos - bucket.filledNanos) * 1e-9 * perSecond;
      bucket.tokens = Math.min(perSecond * BURST_SECONDS, bucket.tokens + earned);
      bucket.filledNanos = nowNanos;
      if (bucket.tokens < 1) {
        return false;
      }
      bucket.tokens--;
      return true;
    }
  }

  /** An IPv6 customer has a /64 at least: addresses within it count as one. */
  private static String client(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      int zone = address.indexOf('%');
      byte[] bytes =
          InetAddress.getByName(zone < 0 ? address : address.substring(0, zone)).getAddress();
      StringBuilder prefix = new StringBuilder();
      for (int i = 0; i < Math.min(IPV6_PREFIX_BYTES, bytes.length); i++) {
        prefix.append(Integer.toHexString(bytes[i] & 0xFF)).append(':');
      }
      return prefix.toString();
    } catch (UnknownHostException e) {
      return address;
    }
  }
}
