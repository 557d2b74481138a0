package org.micropay.vts.appliance.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.micropay.vts.transparency.LogSource;

/** A log that is served by HTTP, from whichever server. Fetches ahead what will be asked for. */
public final class HttpLogSource implements LogSource, AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** Longer than any bundle: 256 entries of 64 KiB. */
  private static final long MAX_BYTES = 256L * (2 + 0xFFFF);

  private static final int NOT_FOUND = 404;

  private final String prefix;
  private final Map<String, CompletableFuture<HttpResponse<byte[]>>> ahead =
      new ConcurrentHashMap<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();

  /** {@code prefix}: what stands before {@code /checkpoint} and {@code /tile/}. */
  public HttpLogSource(URI prefix) {
    this.prefix = prefix.toString().replaceAll("/+$", "") + "/";
  }

  @Override
  public void willRead(String path) {
    ahead.computeIfAbsent(path, this::fetch);
  }

  private CompletableFuture<HttpResponse<byte[]>> fetch(String path) {
    return http.sendAsync(
        HttpRequest.newBuilder(URI.create(prefix + path)).timeout(TIMEOUT).build(),
        HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_BYTES));
  }

  @Override
  public Optional<byte[]> read(String path) {
    CompletableFuture<HttpResponse<byte[]>> coming = ahead.remove(path);
    try {
      HttpResponse<byte[]> response = (coming == null ? fetch(path) : coming).join();
      if (response.statusCode() == NOT_FOUND) {
        return Optional.empty();
      }
      if (response.statusCode() != 200) {
        throw new UncheckedIOException(
            new IOException(prefix + path + " answers " + response.statusCode()));
      }
      return Optional.of(response.body());
    } catch (CompletionException e) {
      String why = e.getCause().getMessage();
      throw new UncheckedIOException(
          new IOException(
              prefix + path + " cannot be read: " + (why == null ? "nobody answers" : why)));
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  @Override
  public String toString() {
    return prefix;
  }
}
