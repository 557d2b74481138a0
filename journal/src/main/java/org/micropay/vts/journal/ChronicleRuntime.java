package org.micropay.vts.journal;

import java.util.concurrent.atomic.AtomicReference;
import net.openhft.chronicle.core.Jvm;
import net.openhft.chronicle.core.onoes.ExceptionHandler;
import org.slf4j.Logger;

/**
 * Chronicle's process-wide switches: no announcement, no disk monitor thread, no output. What it
 * reports as an error is kept, because it logs some failures that it should throw.
 */
final class ChronicleRuntime {
  private static final AtomicReference<String> ERROR = new AtomicReference<>();

  static {
    // Before the first Chronicle class is initialised; an operator's own setting wins.
    setIfAbsent("chronicle.announcer.disable", "true");
    setIfAbsent("chronicle.analytics.disable", "true");
    setIfAbsent("chronicle.disk.monitor.disable", "true");
    setIfAbsent("jvm.resource.tracing", "false");
    setIfAbsent("disable.resource.warning", "true");
    Listener silent = new Listener(false);
    Jvm.setExceptionHandlers(new Listener(true), silent, silent, silent);
  }

  private ChronicleRuntime() {}

  /** Applies the switches, once. */
  static void prepare() {
    // Initialising the class has done it.
  }

  /** First error that Chronicle reported in this process, or null. */
  static String error() {
    return ERROR.get();
  }

  /** Forgets a reported error, when a journal is opened afresh. */
  static void clearError() {
    ERROR.set(null);
  }

  /** Takes what Chronicle would log, so that nothing of it reaches a logging framework. */
  private record Listener(boolean keeps) implements ExceptionHandler {

    @Override
    public void on(Class<?> where, String message, Throwable thrown) {
      keep(where.getSimpleName(), message, thrown);
    }

    @Override
    public void on(Logger where, String message, Throwable thrown) {
      keep(where.getName(), message, thrown);
    }

    private void keep(String where, String message, Throwable thrown) {
      if (keeps) {
        String cause = thrown == null ? "" : " (" + thrown + ")";
        ERROR.compareAndSet(null, where + ": " + message + cause);
      }
    }
  }

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }
}
