package org.micropay.vts.ticket;

import java.nio.charset.StandardCharsets;

/**
 * H_tag(x) = SHA256(SHA256(tag) || SHA256(tag) || x), the construction of BIP 340: a digest made
 * for one purpose can never be taken for one made for another. Immutable; any thread.
 */
public final class TaggedHash {
  /** Length in bytes of what stands before x: exactly one block of SHA-256. */
  public static final int PREFIX_LENGTH = 64;

  /** Digest of an escrow's terms. */
  public static final TaggedHash TERMS = new TaggedHash("vts/terms/1");

  /** A merchant's commitment to r1 and s. */
  public static final TaggedHash COMMITMENT = new TaggedHash("vts/commitment/1");

  /** What the buyer signs with every ticket. */
  public static final TaggedHash TICKET = new TaggedHash("vts/ticket/1");

  /** Identity of a claim. */
  public static final TaggedHash CLAIM = new TaggedHash("vts/claim/1");

  /** What the buyer signs to register an escrow. */
  public static final TaggedHash REGISTRATION = new TaggedHash("vts/registration/1");

  /** Digest of a penalty deposit. */
  public static final TaggedHash DEPOSIT = new TaggedHash("vts/deposit/1");

  private final String tag;
  private final byte[] prefix = new byte[PREFIX_LENGTH];

  private TaggedHash(String tag) {
    this.tag = tag;
    Bytes32 digest = Sha256.of(tag.getBytes(StandardCharsets.US_ASCII));
    digest.copyTo(prefix, 0);
    digest.copyTo(prefix, Bytes32.LENGTH);
  }

  /** The tag in ASCII. */
  public String tag() {
    return tag;
  }

  /** H_tag of the parts one after another. */
  public Bytes32 hash(byte[]... parts) {
    byte[][] all = new byte[parts.length + 1][];
    all[0] = prefix;
    System.arraycopy(parts, 0, all, 1, parts.length);
    return Sha256.of(all);
  }

  /** Writes SHA256(tag) || SHA256(tag), 64 bytes, and returns the offset behind them. */
  public int copyPrefixTo(byte[] target, int offset) {
    System.arraycopy(prefix, 0, target, offset, PREFIX_LENGTH);
    return offset + PREFIX_LENGTH;
  }

  @Override
  public String toString() {
    return tag;
  }
}
