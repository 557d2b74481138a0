package org.micropay.vts.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.Bytes32;

class ProofsTest {
  private static final int SIZES = 1000;
  private static final int ALL_UP_TO = 130;
  private static final int SAMPLES = 12;

  private final Random random = Seeds.random("ProofsTest");
  private final List<byte[]> leaves = new ArrayList<>();
  private final NaiveTree naive = new NaiveTree(leaves);
  private final TileNodes nodes;

  ProofsTest() {
    for (int i = 0; i < SIZES; i++) {
      byte[] leaf = new byte[8];
      random.nextBytes(leaf);
      leaves.add(leaf);
    }
    nodes = new TileNodes(MemoryFiles.of(leaves), SIZES);
  }

  @Test
  void shouldProveInclusionAtEverySize() {
    for (int n = 1; n <= SIZES; n++) {
      int size = n;

      for (int index : choices(size)) {
        List<Bytes32> path = Proofs.inclusion(index, size, nodes);
        assertEquals(naive.path(index, size), path, index + " of " + size);
        Bytes32 leaf = NaiveTree.leafHash(leaves.get(index));
        Bytes32 root = naive.root(0, size);
        assertTrue(Proofs.verifyInclusion(leaf, index, size, path, root), index + " of " + size);
        assertFalse(Proofs.verifyInclusion(root, index, size, path, root) && size > 1);
        assertFalse(Proofs.verifyInclusion(leaf, index + 1, size, path, root));
        refuseChanged(path, p -> Proofs.verifyInclusion(leaf, index, size, p, root));
      }
    }
  }

  @Test
  void shouldProveConsistencyAtEverySize() {
    for (int size = 1; size <= SIZES; size++) {

      Bytes32 root = naive.root(0, size);
      for (int old : choices(size)) {
        List<Bytes32> proof = Proofs.consistency(old, size, nodes);
        Bytes32 oldRoot = naive.root(0, old);
        if (old > 0) {
          assertEquals(naive.proof(old, size), proof, old + " to " + size);
        }
        int to = size;
        assertTrue(Proofs.verifyConsistency(old, to, oldRoot, root, proof), old + " to " + size);
        if (old > 0) {
          Bytes32 other = NaiveTree.sha256(oldRoot.toArray());
          assertFalse(Proofs.verifyConsistency(old, to, other, root, proof));
          assertFalse(Proofs.verifyConsistency(old, to, oldRoot, other, proof));
          refuseChanged(proof, p -> Proofs.verifyConsistency(old, to, oldRoot, root, p));
        }
      }
      assertTrue(Proofs.verifyConsistency(size, size, root, root, List.of()));
      assertFalse(Proofs.verifyConsistency(size, size - 1, root, root, List.of()));
    }
  }

  @Test
  void shouldRefuseWhatATreeDoesNotHave() {
    TileNodes ten = new TileNodes(MemoryFiles.of(leaves.subList(0, 10)), 10);
    assertThrows(IllegalArgumentException.class, () -> Proofs.inclusion(10, 10, ten));
    assertThrows(IllegalArgumentException.class, () -> Proofs.inclusion(-1, 10, ten));
    assertThrows(IllegalArgumentException.class, () -> Proofs.consistency(11, 10, ten));
    assertThrows(LogDataException.class, () -> ten.node(1, 5));
    assertThrows(LogDataException.class, () -> ten.node(4, 0));
  }

  /** Every index of small trees; the edges and a few more of larger ones. */
  private List<Integer> choices(int size) {
    List<Integer> choices = new ArrayList<>();
    for (int i = 0; i < (size <= ALL_UP_TO ? size : SAMPLES); i++) {
      choices.add(size <= ALL_UP_TO ? i : random.nextInt(size));
    }
    choices.add(size - 1);
    choices.add(Integer.highestOneBit(size) - 1);
    return choices;
  }

  private interface Check {
    boolean accepts(List<Bytes32> proof);
  }

  private void refuseChanged(List<Bytes32> proof, Check check) {
    List<Bytes32> longer = new ArrayList<>(proof);
    longer.add(Bytes32.ZERO);
    assertFalse(check.accepts(longer));
    if (!proof.isEmpty()) {
      assertFalse(check.accepts(proof.subList(0, proof.size() - 1)));
      List<Bytes32> other = new ArrayList<>(proof);
      other.set(random.nextInt(proof.size()), Bytes32.ZERO);
      assertFalse(check.accepts(other));
    }
  }
}
