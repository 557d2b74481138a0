package org.micropay.vts.appliance.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import org.micropay.vts.transparency.TilePath;

/**
 * The log's entry bundles in gzip form (RFC 1952). A bundle of a width never changes, so each is
 * compressed once and those asked for last are kept: a crowd of monitors at the log's end costs one
 * compression a bundle. Any thread; the lock is held for look-ups only.
 */
final class GzipBundles {
  /** Bytes kept, at most; some 200 full bundles. */
  static final int KEPT_BYTES = 16 << 20;

  private final Function<String, Optional<byte[]>> log;
  private final Map<String, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long keptBytes;

  /** {@code log} reads a file of the log by its path; empty when there is none. */
  GzipBundles(Function<String, Optional<byte[]>> log) {
    this.log = log;
  }

  /** A bundle, compressed; empty when the log has none of this name. */
  Optional<byte[]> read(TilePath path) {
    String name = path.toString();
    synchronized (kept) {
      byte[] known = kept.get(name);
      if (known != null) {
        return Optional.of(known);
      }
    }
    Optional<byte[]> compressed = log.apply(name).map(GzipBundles::compress);
    compressed.ifPresent(bytes -> keep(name, bytes));
    return compressed;
  }

  private static byte[] compress(byte[] bundle) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(bundle.length);
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(bundle);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void keep(String name, byte[] bytes) {
    synchronized (kept) {
      byte[] before = kept.put(name, bytes);
      keptBytes += bytes.length - (before == null ? 0 : before.length);
      var oldest = kept.values().iterator();
      while (keptBytes > KEPT_BYTES) {
        keptBytes -= oldest.next().length;
        oldest.remove();
      }
    }
  }
}
