package org.micropay.vts.transparency;

import org.micropay.vts.ticket.ClaimLayout;

/**
 * The bytes of a leaf; integers are little-endian. Everything in it stands in the journal record
 * that it is made of, so that whoever holds the journal can compute the tree again.
 *
 * <pre>
 *  offset  bytes
 *       0      1  version, 1
 *       1      1  kind: 3 GRANT, 4 DOUBLE_SPEND, the journal's record types
 *       2      8  position of the journal record, u64
 *      10      8  time of the record, u64, Unix milliseconds
 *      18      8  position of the grant on the escrow, u64: the record's own for GRANT
 *      26     32  claimId
 *      58      n  canonical claim, 365 to 377 bytes
 * </pre>
 */
public final class LeafLayout {
  public static final int VERSION = 0;
  public static final int KIND = 1;
  public static final int POSITION = 2;
  public static final int TIME = 10;
  public static final int GRANT_POSITION = 18;
  public static final int CLAIM_ID = 26;
  public static final int CLAIM = 58;

  /** Value of the version field. */
  public static final byte VERSION_1 = 1;

  /** Shortest leaf in bytes. */
  public static final int MIN_LENGTH = CLAIM + ClaimLayout.MIN_LENGTH;

  /** Longest leaf in bytes. */
  public static final int MAX_LENGTH = CLAIM + ClaimLayout.MAX_LENGTH;

  private LeafLayout() {}
}
