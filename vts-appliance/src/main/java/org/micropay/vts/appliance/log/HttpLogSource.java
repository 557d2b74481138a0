package org.micropay.vts.appliance.log;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.micropay.vts.transparency.LogSource;

/**
 * A log that is served by HTTP, from whichever server, plain or compressed with gzip: C2SP
 * tlog-tiles lets a server compress entries also for clients that did not ask. Fetches ahead what
 * will be asked for.
 */
public final class HttpLogSource implements LogSource, AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** Longer than any bundle: 256 entries of 64 KiB. */
  private static final int MAX_BYTES = 256 * (2 + 0xFFFF);

  private static final int NOT_FOUND = 404;
  private static final String CODINGS = "gzip, identity";

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
        HttpRequest.newBuilder(URI.create(prefix + path))
            .header("Accept-Encoding", CODINGS)
            .timeout(TIMEOUT)
            .build(),
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
      return Optional.of(decoded(response));
    } catch (CompletionException e) {
      throw unreadable(path, e.getCause().getMessage());
    } catch (IOException e) {
      throw unreadable(path, e.getMessage());
    }
  }

  private UncheckedIOException unreadable(String path, String why) {
    return new UncheckedIOException(
        new IOException(
            prefix + path + " cannot be read: " + (why == null ? "nobody answers" : why)));
  }

  private static byte[] decoded(HttpResponse<byte[]> response) throws IOException {
    String coding = response.headers().firstValue("content-encoding").orElse("identity");
    return switch (coding.strip().toLowerCase(Locale.ROOT)) {
      case "identity", "" -> response.body();
      case "gzip", "x-gzip" -> unzipped(response.body());
      default ->
          throw new IOException(
              "it comes in content coding '" + coding + "'; asked for was one of " + CODINGS);
    };
  }

  /** The limit is on what comes out: a few bytes can stand for any number. */
  private static byte[] unzipped(byte[] zipped) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("it is longer than " + MAX_BYTES + " bytes; no file of a log is");
      }
      return bytes;
    } catch (EOFException | ZipException e) {
      throw new IOException("it is no whole gzip stream: " + e.getMessage(), e);
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
