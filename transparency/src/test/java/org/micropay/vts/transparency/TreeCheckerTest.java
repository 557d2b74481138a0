package org.micropay.vts.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.Bytes32;

class TreeCheckerTest {
  private static final int SIZE = 777;

  private final Random random = Seeds.random("TreeCheckerTest");
  private final List<byte[]> leaves = new ArrayList<>();
  private final NaiveTree naive = new NaiveTree(leaves);

  TreeCheckerTest() {
    for (int i = 0; i < SIZE; i++) {
      byte[] leaf = new byte[random.nextInt(1, 50)];
      random.nextBytes(leaf);
      leaves.add(leaf);
    }
  }

  private Checkpoint at(int size) {
    return new Checkpoint("log", size, naive.root(0, size));
  }

  private List<Finding.Code> check(LogSource source, Checkpoint checkpoint, Checkpoint... earlier) {
    List<Finding.Code> codes = new ArrayList<>();
    new TreeChecker(source, checkpoint, List.of(earlier), f -> codes.add(f.code()))
        .run((index, bundle, offset, length) -> {});
    return codes;
  }

  @Test
  void shouldHandOverEveryLeafInOrder() {
    List<String> seen = new ArrayList<>();
    new TreeChecker(MemoryFiles.of(leaves), at(SIZE), List.of(), f -> {})
        .run((i, b, o, l) -> seen.add(i + ":" + new UnhashedBytes(b, o, l)));
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < SIZE; i++) {
      expected.add(i + ":" + new UnhashedBytes(leaves.get(i), 0, leaves.get(i).length));
    }
    assertEquals(expected, seen);
  }

  private record UnhashedBytes(byte[] bytes, int offset, int length) {
    @Override
    public String toString() {
      return java.util.HexFormat.of().formatHex(bytes, offset, offset + length);
    }
  }

  @Test
  void shouldAcceptEveryEarlierTree() {
    MemoryFiles files = MemoryFiles.of(leaves);
    for (int size = 0; size <= SIZE; size += 13) {
      assertEquals(List.of(), check(files, at(SIZE), at(size), at(SIZE), at(SIZE / 2)));
    }
  }

  @Test
  void shouldFindOtherHistories() {
    MemoryFiles files = MemoryFiles.of(leaves);
    Checkpoint forged = new Checkpoint("log", 300, Bytes32.ZERO);
    assertEquals(List.of(Finding.Code.INCONSISTENT), check(files, at(SIZE), at(100), forged));
    assertEquals(
        List.of(Finding.Code.SPLIT_VIEW),
        check(files, at(SIZE), new Checkpoint("log", SIZE, Bytes32.ZERO)));
    assertEquals(
        List.of(Finding.Code.ROLLBACK),
        check(files, at(SIZE), new Checkpoint("log", SIZE + 1, Bytes32.ZERO)));
    assertEquals(
        List.of(Finding.Code.WRONG_ROOT), check(files, new Checkpoint("log", SIZE, Bytes32.ZERO)));
  }

  @Test
  void shouldFindEveryChangedFile() {
    for (String path : new TreeSet<>(MemoryFiles.of(leaves).files.keySet())) {
      MemoryFiles changed = MemoryFiles.of(leaves);
      byte[] bytes = changed.files.get(path);
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      assertFalse(check(changed, at(SIZE)).isEmpty(), path);
      MemoryFiles cut = MemoryFiles.of(leaves);
      cut.files.put(path, java.util.Arrays.copyOf(bytes, bytes.length - 1));
      assertFalse(check(cut, at(SIZE)).isEmpty(), path);
      MemoryFiles missing = MemoryFiles.of(leaves);
      missing.files.remove(path);
      assertThrows(MissingFileException.class, () -> check(missing, at(SIZE)), path);
    }
  }
}
