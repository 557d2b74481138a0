package org.micropay.vts.experiments;

import java.util.concurrent.CompletionStage;

/** One connection's worth of requests; one thread calls {@link #send}, one after the other. */
public interface LoadSession extends AutoCloseable {
  /** What {@link #send} gives for a request that did what it should. */
  String OK = "";

  /**
   * Sends the next request.
   *
   * @return completes with {@link #OK}, or with a short stable name of what went wrong, by which
   *     errors are counted; it may complete before this method returns, and on any thread
   */
  CompletionStage<String> send();

  /** Sends what was only buffered, when the session has nothing to send for now. */
  default void flush() {}

  @Override
  void close();
}
