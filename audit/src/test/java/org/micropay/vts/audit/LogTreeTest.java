package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.transparency.Frontier;

/** The audit's tree against the log's own, which hashes one node after the other. */
class LogTreeTest {
  private static final int LONGEST = 128;

  @Test
  void shouldHaveTheRootsOfTheLogsOwnTree() {
    SplittableRandom random =
        new SplittableRandom(Seeds.seed("shouldHaveTheRootsOfTheLogsOwnTree"));
    List<MessageHashes.Hasher> hashers =
        List.of(
            MessageHashes.jdk(LONGEST), MessageHashes.of(Kernels.select(Kernels.AUTO), LONGEST));
    for (MessageHashes.Hasher hasher : hashers) {
      // Roots asked for often, then seldom: levels are hashed in small lots and in large ones.
      for (int seldom : new int[] {2, 100, 3_000}) {
        compare(random, hasher, seldom);
      }
    }
  }

  private static void compare(SplittableRandom random, MessageHashes.Hasher hasher, int seldom) {
    Frontier expected = new Frontier();
    byte[] hash = new byte[32];
    try (LogTree tree = new LogTree(hasher)) {
      assertEquals(expected.root(), tree.root());
      for (int i = 0; i < 3_000; i++) {
        random.nextBytes(hash);
        expected.append(hash, 0);
        tree.append(new UnsafeBuffer(hash), 0);
        if (random.nextInt(seldom) == 0) {
          assertEquals(expected.root(), tree.root(), "of " + tree.size() + " leaves");
        }
      }
      assertEquals(expected.size(), tree.size());
      assertEquals(expected.root(), tree.root());
    }
  }
}
