package org.micropay.vts.transparency;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.micropay.vts.ticket.Bytes32;

/**
 * The hashes of a Merkle tree as RFC 6962, section 2.1, defines them over SHA-256: of a leaf,
 * SHA-256(00 || leaf); of a node, SHA-256(01 || left || right); of the empty tree, SHA-256 of
 * nothing.
 *
 * <p>One instance belongs to one thread. Allocates nothing in steady state.
 */
public final class TreeHasher {
  /** Length of a hash in bytes. */
  public static final int LENGTH = 32;

  /** Root of the tree without leaves. */
  public static final Bytes32 EMPTY_ROOT =
      Bytes32.fromHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

  private static final byte LEAF = 0;
  private static final byte NODE = 1;

  private final MessageDigest digest = newDigest();

  /** A hasher for the calling thread. */
  public TreeHasher() {}

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Hash of the leaf of {@code length} bytes at {@code offset}, 32 bytes into {@code target}. */
  public void leaf(byte[] source, int offset, int length, byte[] target, int at) {
    digest.update(LEAF);
    digest.update(source, offset, length);
    finish(target, at);
  }

  /** Hash of the leaf that is the whole array. */
  public Bytes32 leaf(byte[] leaf) {
    byte[] hash = new byte[LENGTH];
    leaf(leaf, 0, leaf.length, hash, 0);
    return Bytes32.copyOf(hash, 0);
  }

  /** Hash of the node over two hashes; {@code target} may hold either of them. */
  public void node(byte[] left, int leftAt, byte[] right, int rightAt, byte[] target, int at) {
    digest.update(NODE);
    digest.update(left, leftAt, LENGTH);
    digest.update(right, rightAt, LENGTH);
    finish(target, at);
  }

  /** Hash of the node over two hashes. */
  public Bytes32 node(Bytes32 left, Bytes32 right) {
    byte[] pair = new byte[2 * LENGTH];
    left.copyTo(pair, 0);
    right.copyTo(pair, LENGTH);
    node(pair, 0, pair, LENGTH, pair, 0);
    return Bytes32.copyOf(pair, 0);
  }

  private void finish(byte[] target, int at) {
    try {
      digest.digest(target, at, LENGTH);
    } catch (DigestException e) {
      throw new IllegalArgumentException(
          "no room for 32 bytes at " + at + " of " + target.length, e);
    }
  }
}
