package org.micropay.vts.journal;

/**
 * The bytes of one record. Integers are little endian; the frame starts at a multiple of 4 in its
 * file and is a multiple of 4 long.
 *
 * <pre>
 *  offset   size
 *       0      4  length of the whole frame, padding, chain and CRC included
 *       4      2  type, 1..65535
 *       6      2  version of this layout, 1
 *       8      8  position, from 1 without gaps
 *      16      8  time, milliseconds since the Unix epoch
 *      24      8  durable position known to the writer when it wrote this frame, below position
 *      32      4  epoch of the writer, from 1, one more at each opening
 *      36      4  length of the payload, n
 *      40      n  payload
 *    40+n    0-3  zeros up to the next multiple of 4; call it p here
 *       p     32  chain: SHA-256(tag || tag || previous chain || bytes 0..p of this frame)
 *    p+32      4  CRC32C of bytes 0..p+32
 * </pre>
 *
 * <p>{@code tag} is SHA-256("vts/journal/frame"), the tagged hash of BIP 340. The chain before the
 * first record is the same tagged hash under "vts/journal/genesis" of the journal's 32-byte
 * identity. The durable position is what tells an interrupted write from damage: a broken frame is
 * damage when any later frame says that its position had been made durable.
 */
public final class FrameLayout {
  public static final int LENGTH_OFFSET = 0;
  public static final int TYPE_OFFSET = 4;
  public static final int VERSION_OFFSET = 6;
  public static final int POSITION_OFFSET = 8;
  public static final int TIME_OFFSET = 16;
  public static final int DURABLE_OFFSET = 24;
  public static final int EPOCH_OFFSET = 32;
  public static final int PAYLOAD_LENGTH_OFFSET = 36;
  public static final int PAYLOAD_OFFSET = 40;

  /** Value of the version field. */
  public static final int VERSION = 1;

  /** Bytes of a chain hash, and of the journal's identity. */
  public static final int CHAIN_LENGTH = 32;

  /** Bytes of the CRC32C. */
  public static final int CRC_LENGTH = 4;

  /** Longest payload in bytes. */
  public static final int MAX_PAYLOAD_LENGTH = 256 * 1024;

  /** Longest frame in bytes. */
  public static final int MAX_FRAME_LENGTH = frameLength(MAX_PAYLOAD_LENGTH);

  /** Shortest frame in bytes. */
  public static final int MIN_FRAME_LENGTH = frameLength(0);

  private FrameLayout() {}

  /** Offset of the chain hash in a frame whose payload has {@code payloadLength} bytes. */
  public static int chainOffset(int payloadLength) {
    return PAYLOAD_OFFSET + ((payloadLength + 3) & ~3);
  }

  /** Length of a frame whose payload has {@code payloadLength} bytes. */
  public static int frameLength(int payloadLength) {
    return chainOffset(payloadLength) + CHAIN_LENGTH + CRC_LENGTH;
  }
}
