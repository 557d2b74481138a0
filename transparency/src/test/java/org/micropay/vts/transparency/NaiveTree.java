package org.micropay.vts.transparency;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.micropay.vts.ticket.Bytes32;

/**
 * The definitions of RFC 6962, section 2.1, word for word: recursive, over ranges of a list, with
 * the roots that it has computed kept. What the module's iterative code is compared with.
 */
final class NaiveTree {
  private final List<byte[]> leaves;
  private final Map<Long, Bytes32> roots = new HashMap<>();

  NaiveTree(List<byte[]> leaves) {
    this.leaves = leaves;
  }

  static Bytes32 sha256(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return Bytes32.of(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static Bytes32 leafHash(byte[] leaf) {
    return sha256(new byte[] {0}, leaf);
  }

  private static Bytes32 node(Bytes32 left, Bytes32 right) {
    return sha256(new byte[] {1}, left.toArray(), right.toArray());
  }

  /** MTH(D[from:to]). */
  Bytes32 root(int from, int to) {
    long key = (long) from << 32 | to;
    Bytes32 known = roots.get(key);
    if (known == null) {
      known = compute(from, to);
      roots.put(key, known);
    }
    return known;
  }

  private Bytes32 compute(int from, int to) {
    if (from == to) {
      return sha256();
    }
    if (to - from == 1) {
      return leafHash(leaves.get(from));
    }
    int middle = from + split(to - from);
    return node(root(from, middle), root(middle, to));
  }

  /** PATH(m, D[n]). */
  List<Bytes32> path(int m, int n) {
    List<Bytes32> path = new ArrayList<>();
    path(m, 0, n, path);
    return path;
  }

  private void path(int m, int from, int to, List<Bytes32> path) {
    if (to - from == 1) {
      return;
    }
    int middle = from + split(to - from);
    if (m < middle) {
      path(m, from, middle, path);
      path.add(root(middle, to));
    } else {
      path(m, middle, to, path);
      path.add(root(from, middle));
    }
  }

  /** PROOF(m, D[n]), 0 < m < n. */
  List<Bytes32> proof(int m, int n) {
    List<Bytes32> proof = new ArrayList<>();
    subproof(m, 0, n, true, proof);
    return proof;
  }

  private void subproof(int m, int from, int to, boolean whole, List<Bytes32> proof) {
    if (m == to) {
      if (!whole) {
        proof.add(root(from, to));
      }
      return;
    }
    int middle = from + split(to - from);
    if (m <= middle) {
      subproof(m, from, middle, whole, proof);
      proof.add(root(middle, to));
    } else {
      subproof(m, middle, to, false, proof);
      proof.add(root(from, middle));
    }
  }

  /** Largest power of two below n. */
  private static int split(int n) {
    return Integer.highestOneBit(n - 1);
  }
}
