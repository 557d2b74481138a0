package org.micropay.vts.transparency;

import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.ticket.Bytes32;

/**
 * Inclusion and consistency proofs of RFC 6962, sections 2.1.1 and 2.1.2. Made by their recursive
 * definitions over the nodes of perfect subtrees; checked by the loops of RFC 9162, sections
 * 2.1.3.2 and 2.1.4.2, which share no code with the making. Any thread.
 */
public final class Proofs {
  /** Most hashes that any proof has. */
  public static final int MAX_HASHES = 64;

  private Proofs() {}

  /**
   * The hashes beside the way from a leaf to the root, from the leaf up.
   *
   * @param index of the leaf, from 0
   * @param size of the tree
   */
  public static List<Bytes32> inclusion(long index, long size, NodeSource nodes) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException(
          "leaf %d is not in a tree of %d leaves".formatted(index, size));
    }
    List<Bytes32> path = new ArrayList<>();
    path(index, 0, size, nodes, new TreeHasher(), path);
    return path;
  }

  private static void path(
      long leaf, long from, long to, NodeSource nodes, TreeHasher hasher, List<Bytes32> path) {
    if (to - from == 1) {
      return;
    }
    long middle = from + split(to - from);
    if (leaf < middle) {
      path(leaf, from, middle, nodes, hasher, path);
      path.add(root(middle, to, nodes, hasher));
    } else {
      path(leaf, middle, to, nodes, hasher, path);
      path.add(root(from, middle, nodes, hasher));
    }
  }

  /**
   * The proof that the tree of {@code newSize} leaves begins with the tree of {@code oldSize};
   * empty for equal sizes and for the empty old tree.
   */
  public static List<Bytes32> consistency(long oldSize, long newSize, NodeSource nodes) {
    if (oldSize < 0 || oldSize > newSize) {
      throw new IllegalArgumentException(
          "a tree of %d leaves does not grow to %d".formatted(oldSize, newSize));
    }
    List<Bytes32> proof = new ArrayList<>();
    if (oldSize > 0 && oldSize < newSize) {
      subproof(oldSize, 0, newSize, true, nodes, new TreeHasher(), proof);
    }
    return proof;
  }

  private static void subproof(
      long old,
      long from,
      long to,
      boolean whole,
      NodeSource nodes,
      TreeHasher hasher,
      List<Bytes32> proof) {
    if (old == to) {
      if (!whole) {
        proof.add(root(from, to, nodes, hasher));
      }
      return;
    }
    long middle = from + split(to - from);
    if (old <= middle) {
      subproof(old, from, middle, whole, nodes, hasher, proof);
      proof.add(root(middle, to, nodes, hasher));
    } else {
      subproof(old, middle, to, false, nodes, hasher, proof);
      proof.add(root(from, middle, nodes, hasher));
    }
  }

  /** Root over leaves {@code from} to {@code to - 1}, a subtree of the tree or its right edge. */
  private static Bytes32 root(long from, long to, NodeSource nodes, TreeHasher hasher) {
    long count = to - from;
    if (Long.bitCount(count) == 1) {
      int height = Long.numberOfTrailingZeros(count);
      return nodes.node(height, from >>> height);
    }
    long middle = from + split(count);
    return hasher.node(root(from, middle, nodes, hasher), root(middle, to, nodes, hasher));
  }

  /** Largest power of two below {@code count}. */
  private static long split(long count) {
    return Long.highestOneBit(count - 1);
  }

  /** Whether {@code path} leads from the leaf's hash to the root. */
  public static boolean verifyInclusion(
      Bytes32 leafHash, long index, long size, List<Bytes32> path, Bytes32 root) {
    if (index < 0 || index >= size || path.size() > MAX_HASHES) {
      return false;
    }
    TreeHasher hasher = new TreeHasher();
    long node = index;
    long last = size - 1;
    Bytes32 hash = leafHash;
    for (Bytes32 sibling : path) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        hash = hasher.node(sibling, hash);
        while ((node & 1) == 0 && node != 0) {
          node >>>= 1;
          last >>>= 1;
        }
      } else {
        hash = hasher.node(hash, sibling);
      }
      node >>>= 1;
      last >>>= 1;
    }
    return last == 0 && hash.equals(root);
  }

  /** Whether {@code proof} shows that the new tree begins with the old one. */
  public static boolean verifyConsistency(
      long oldSize, long newSize, Bytes32 oldRoot, Bytes32 newRoot, List<Bytes32> proof) {
    if (oldSize < 0 || oldSize > newSize || proof.size() > MAX_HASHES) {
      return false;
    }
    if (oldSize == newSize) {
      return proof.isEmpty() && oldRoot.equals(newRoot);
    }
    if (oldSize == 0) {
      return proof.isEmpty() && oldRoot.equals(TreeHasher.EMPTY_ROOT);
    }
    if (proof.isEmpty()) {
      return false;
    }
    return consistent(oldSize, newSize, oldRoot, newRoot, proof);
  }

  private static boolean consistent(
      long oldSize, long newSize, Bytes32 oldRoot, Bytes32 newRoot, List<Bytes32> proof) {
    List<Bytes32> hashes = new ArrayList<>(proof);
    if (Long.bitCount(oldSize) == 1) {
      hashes.addFirst(oldRoot);
    }
    long node = oldSize - 1;
    long last = newSize - 1;
    int shift = Long.numberOfTrailingZeros(~node);
    node >>>= shift;
    last >>>= shift;
    TreeHasher hasher = new TreeHasher();
    Bytes32 oldHash = hashes.getFirst();
    Bytes32 newHash = oldHash;
    for (Bytes32 hash : hashes.subList(1, hashes.size())) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        oldHash = hasher.node(hash, oldHash);
        newHash = hasher.node(hash, newHash);
        while ((node & 1) == 0 && node != 0) {
          node >>>= 1;
          last >>>= 1;
        }
      } else {
        newHash = hasher.node(newHash, hash);
      }
      node >>>= 1;
      last >>>= 1;
    }
    return last == 0 && oldHash.equals(oldRoot) && newHash.equals(newRoot);
  }
}
