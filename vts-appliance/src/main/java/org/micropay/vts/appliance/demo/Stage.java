package org.micropay.vts.appliance.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that the demo has started, ended in the opposite order: by the demo itself, or by the
 * JVM's shutdown when somebody pressed Ctrl-C. Any thread.
 */
final class Stage implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("vts.demo");

  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final Thread hook = new Thread(this::onShutdown, "vts-demo-shutdown");
  private volatile boolean shutdown;
  private boolean closed;

  /** A stage whose things end with the JVM at the latest. */
  static Stage open() {
    Stage stage = new Stage();
    Runtime.getRuntime().addShutdownHook(stage.hook);
    return stage;
  }

  /** Takes over something that was started; ends it at once when it came too late. */
  <T extends AutoCloseable> T add(T thing) {
    synchronized (this) {
      if (!closed) {
        started.push(thing);
        return thing;
      }
    }
    end(thing);
    throw new DemoException("the demo is being stopped");
  }

  private void onShutdown() {
    shutdown = true;
    endAll();
  }

  /** Whether the JVM ends while the demo still plays: whatever fails now fails for that reason. */
  boolean isShutdown() {
    return shutdown;
  }

  private synchronized void endAll() {
    closed = true;
    while (!started.isEmpty()) {
      end(started.pop());
    }
  }

  private static void end(AutoCloseable thing) {
    try {
      thing.close();
    } catch (Exception e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  @Override
  public void close() {
    if (shutdown) {
      // The hook does it; the JVM ends as soon as it is done.
      return;
    }
    endAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook finds nothing left to do.
    }
  }
}
