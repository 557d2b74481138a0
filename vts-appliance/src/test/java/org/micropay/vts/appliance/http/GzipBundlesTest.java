package org.micropay.vts.appliance.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.micropay.vts.transparency.TilePath;

/** Compressed once, and only as many kept as there is room for. */
class GzipBundlesTest {
  private static final int BUNDLE = 1 << 20;

  private final List<String> reads = new ArrayList<>();
  private final GzipBundles bundles = new GzipBundles(this::read);

  /** Bytes that do not compress; bundles 900 and up are not there yet. */
  private Optional<byte[]> read(String path) {
    reads.add(path);
    TilePath tile = TilePath.parse(path).orElseThrow();
    if (tile.index() >= 900) {
      return Optional.empty();
    }
    byte[] bytes = new byte[BUNDLE];
    new Random(tile.index()).nextBytes(bytes);
    return Optional.of(bytes);
  }

  private static TilePath bundle(long index) {
    return new TilePath(TilePath.ENTRIES, index, TilePath.FULL);
  }

  @Test
  void shouldCompressABundleOnce() throws IOException {
    byte[] first = bundles.read(bundle(1)).orElseThrow();
    assertSame(first, bundles.read(bundle(1)).orElseThrow());
    assertEquals(1, reads.size());
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(first))) {
      assertArrayEquals(read(bundle(1).toString()).orElseThrow(), in.readAllBytes());
    }
  }

  @Test
  void shouldForgetTheOneAskedForLongestAgo() {
    int most = GzipBundles.KEPT_BYTES / BUNDLE;
    for (int i = 0; i < most; i++) {
      bundles.read(bundle(i));
      bundles.read(bundle(0));
    }
    bundles.read(bundle(most));
    reads.clear();
    bundles.read(bundle(0));
    bundles.read(bundle(most));
    assertEquals(List.of(), reads, "still there");
    bundles.read(bundle(1));
    assertEquals(List.of(bundle(1).toString()), reads, "gone");
  }

  @Test
  void shouldNotRememberWhatIsNotThereYet() {
    assertTrue(bundles.read(bundle(900)).isEmpty());
    assertTrue(bundles.read(bundle(900)).isEmpty());
    assertEquals(2, reads.size());
  }
}
