package org.micropay.vts.proxy;

import io.vertx.core.Context;
import io.vertx.core.Future;

/** Where content comes from: a server behind, or pages of the proxy's own. */
interface ContentSource {
  /**
   * A source for one event loop.
   *
   * @param context the loop's
   */
  PerLoop open(Context context);

  /** A source as one event loop uses it. */
  interface PerLoop {
    /**
     * Answers a request that was paid, or is free. The request is paused and unread.
     *
     * @return completes when the answer has begun; fails with {@link UpstreamException} when there
     *     is none to be had and nothing was written
     */
    Future<Void> serve(ProxiedRequest request);

    /** Gives connections back. */
    Future<Void> close();
  }
}
