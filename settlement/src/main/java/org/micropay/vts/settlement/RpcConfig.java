package org.micropay.vts.settlement;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How to reach a node's JSON-RPC.
 *
 * @param uri such as http://127.0.0.1:8332/
 * @param cookieFile the node's .cookie, read anew whenever the node refuses the last one
 * @param timeout of one call; a scan of the whole set of outputs gets twenty times as long
 */
public record RpcConfig(URI uri, Path cookieFile, Duration timeout) {
  /** Ten seconds: far above any answer of a healthy node. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  /** Checks that all is there. */
  public RpcConfig {
    Objects.requireNonNull(uri);
    Objects.requireNonNull(cookieFile);
    Objects.requireNonNull(timeout);
  }
}
