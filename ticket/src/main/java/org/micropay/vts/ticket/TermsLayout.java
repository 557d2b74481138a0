package org.micropay.vts.ticket;

/**
 * Where the fields of an escrow's terms lie, in bytes from their start. Integers are little-endian.
 *
 * <pre>
 *   0         4                         36        40         48          56       60
 *   +---------+-------------------------+---------+----------+-----------+--------+-------------+
 *   | network | txid (internal order)   | vout    | value    | payout    | odds   | refundHeight|
 *   +---------+-------------------------+---------+----------+-----------+--------+-------------+
 *   64                     97                     130
 *   +----------------------+----------------------+
 *   | buyerKey             | vtsKey               |
 *   +----------------------+----------------------+
 * </pre>
 */
public final class TermsLayout {
  /** u32, the P2P magic: its four bytes as they travel. */
  public static final int NETWORK = 0;

  /** 36 bytes, txid then vout u32. */
  public static final int OUTPOINT = 4;

  /** u64, satoshi. */
  public static final int VALUE = 40;

  /** u64, satoshi. */
  public static final int PAYOUT = 48;

  /** u32. */
  public static final int ODDS = 56;

  /** u32, block height. */
  public static final int REFUND_HEIGHT = 60;

  /** 33 bytes, compressed point. */
  public static final int BUYER_KEY = 64;

  /** 33 bytes, compressed point. */
  public static final int VTS_KEY = 97;

  /** Length of all. */
  public static final int LENGTH = 130;

  private TermsLayout() {}
}
