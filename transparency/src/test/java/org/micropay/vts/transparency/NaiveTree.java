package org.micropay.vts.transparency;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.ticket.Bytes32;

/**
 * The definitions of RFC 6962, section 2.1, word for word: recursive, over lists, slow. What the
 * module's iterative code is compared with.
 */
final class NaiveTree {
  private NaiveTree() {}

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

  /** MTH(D[n]). */
  static Bytes32 root(List<byte[]> leaves) {
    int n = leaves.size();
    if (n == 0) {
      return sha256();
    }
    if (n == 1) {
      return leafHash(leaves.getFirst());
    }
    int k = split(n);
    return node(root(leaves.subList(0, k)), root(leaves.subList(k, n)));
  }

  /** PATH(m, D[n]). */
  static List<Bytes32> path(int m, List<byte[]> leaves) {
    int n = leaves.size();
    if (n == 1) {
      return new ArrayList<>();
    }
    int k = split(n);
    List<Bytes32> path = m < k ? path(m, leaves.subList(0, k)) : path(m - k, leaves.subList(k, n));
    path.add(m < k ? root(leaves.subList(k, n)) : root(leaves.subList(0, k)));
    return path;
  }

  /** PROOF(m, D[n]), 0 < m < n. */
  static List<Bytes32> proof(int m, List<byte[]> leaves) {
    return subproof(m, leaves, true);
  }

  private static List<Bytes32> subproof(int m, List<byte[]> leaves, boolean whole) {
    int n = leaves.size();
    if (m == n) {
      return whole ? new ArrayList<>() : new ArrayList<>(List.of(root(leaves)));
    }
    int k = split(n);
    List<Bytes32> proof;
    if (m <= k) {
      proof = subproof(m, leaves.subList(0, k), whole);
      proof.add(root(leaves.subList(k, n)));
    } else {
      proof = subproof(m - k, leaves.subList(k, n), false);
      proof.add(root(leaves.subList(0, k)));
    }
    return proof;
  }

  /** Largest power of two below n. */
  private static int split(int n) {
    return Integer.highestOneBit(n - 1);
  }
}
