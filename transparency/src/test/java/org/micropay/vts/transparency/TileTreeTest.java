package org.micropay.vts.transparency;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.Bytes32;

class TileTreeTest {
  private static List<byte[]> leaves(Random random, int count) {
    List<byte[]> leaves = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] leaf = new byte[random.nextInt(40)];
      random.nextBytes(leaf);
      leaves.add(leaf);
    }
    return leaves;
  }

  @Test
  void shouldHoldTheHashesThatTheSpecificationDefines() throws Exception {
    List<byte[]> leaves = leaves(Seeds.random("TileTreeTest"), 70_000);
    MemoryFiles memory = MemoryFiles.of(leaves);
    NaiveTree naive = new NaiveTree(leaves);
    for (TilePath path :
        List.of(
            new TilePath(0, 0, 256),
            new TilePath(0, 273, 112),
            new TilePath(1, 0, 256),
            new TilePath(1, 1, 17),
            new TilePath(2, 0, 1))) {
      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      int span = 1 << 8 * path.level();
      for (long i = path.index() * 256; i < path.index() * 256 + path.width(); i++) {
        expected.write(naive.root((int) i * span, (int) (i + 1) * span).toArray());
      }
      assertArrayEquals(expected.toByteArray(), memory.files.get(path.toString()), path.toString());
    }
    assertEquals(273 + 1 + 1 + 1 + 1 + 274, memory.files.size(), memory.files.size() + " files");
    ByteArrayOutputStream bundle = new ByteArrayOutputStream();
    for (byte[] leaf : leaves.subList(273 * 256, 70_000)) {
      bundle.write(0);
      bundle.write(leaf.length);
      bundle.write(leaf);
    }
    assertArrayEquals(bundle.toByteArray(), memory.files.get("tile/entries/273.p/112"));
  }

  @Test
  void shouldHaveTheSameRootAndGoOnFromTheTilesOfAnySize() {
    Random random = Seeds.random("TileTreeTest");
    List<byte[]> leaves = leaves(random, 1100);
    NaiveTree naive = new NaiveTree(leaves);
    MemoryFiles memory = new MemoryFiles();
    TileSink sink = (path, bytes) -> memory.files.put(path.toString(), bytes);
    TileTree tree = new TileTree(sink);
    for (int size = 0; size <= 1000; size++) {
      assertEquals(naive.root(0, size), tree.root(), "size " + size);
      if (size % 7 == 0 || size % 256 < 2) {
        tree.flush();
        tree = TileTree.resume(size, memory, sink);
        assertEquals(naive.root(0, size), tree.root(), "resumed at " + size);
      }
      tree.append(leaves.get(size), 0, leaves.get(size).length);
    }
  }

  @Test
  void shouldNotGoOnFromDamagedTiles() {
    List<byte[]> leaves = leaves(Seeds.random("TileTreeTest"), 300);
    TileSink none = (path, bytes) -> {};
    for (String path : new TreeSet<>(MemoryFiles.of(leaves).files.keySet())) {
      if (!path.contains(".p/")) {
        continue;
      }
      MemoryFiles missing = MemoryFiles.of(leaves);
      missing.files.remove(path);
      assertThrows(MissingFileException.class, () -> TileTree.resume(300, missing, none), path);
      MemoryFiles cut = MemoryFiles.of(leaves);
      cut.files.computeIfPresent(path, (p, b) -> java.util.Arrays.copyOf(b, b.length - 1));
      assertThrows(LogDataException.class, () -> TileTree.resume(300, cut, none), path);
    }
    MemoryFiles changed = MemoryFiles.of(leaves);
    changed.files.get("tile/entries/001.p/44")[2]++;
    assertThrows(LogDataException.class, () -> TileTree.resume(300, changed, none));
  }

  @Test
  void shouldHoldTheRootsOfAllSmallerSizes() {
    List<byte[]> leaves = leaves(Seeds.random("TileTreeTest"), 512);
    MemoryFiles memory = MemoryFiles.of(leaves);
    NaiveTree naive = new NaiveTree(leaves);
    for (int size : new int[] {0, 1, 255, 256, 257, 300, 511, 512}) {
      Bytes32 root = Frontier.of(size, new TileNodes(memory, 512)).root();
      assertEquals(naive.root(0, size), root, "size " + size);
    }
    // A partial tile that is gone: the full one begins with it.
    byte[] begin = memory.tile(new TilePath(0, 1, 44));
    assertArrayEquals(java.util.Arrays.copyOf(memory.files.get("tile/0/001"), 44 * 32), begin);
  }
}
