package org.micropay.vts.appliance.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a server has opened, to be closed in the opposite order; one failure stops no other. */
final class Closing implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("vts.server");

  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /** Remembers {@code resource} and gives it back. */
  synchronized <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    return resource;
  }

  @Override
  public void close() {
    while (true) {
      AutoCloseable next;
      synchronized (this) {
        next = open.poll();
      }
      if (next == null) {
        return;
      }
      try {
        next.close();
      } catch (Exception e) {
        LOG.error("closing {} failed", next.getClass().getSimpleName(), e);
      }
    }
  }
}
