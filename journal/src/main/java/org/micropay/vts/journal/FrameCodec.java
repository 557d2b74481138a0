package org.micropay.vts.journal;

import static org.micropay.vts.journal.FrameLayout.CHAIN_LENGTH;
import static org.micropay.vts.journal.FrameLayout.CRC_LENGTH;
import static org.micropay.vts.journal.FrameLayout.MAX_FRAME_LENGTH;
import static org.micropay.vts.journal.FrameLayout.PAYLOAD_OFFSET;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds and checks frames, carrying the hash chain from one to the next.
 *
 * <p>The frame lies in one array right behind what the hash wants in front of it (tag, tag,
 * previous chain), so that one digest call covers everything without a copy. One thread; no
 * allocation after construction.
 */
final class FrameCodec {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  /** Where the chain hash of the frame encoded or checked last lies in {@link #bytes}. */
  static final int CHAIN_IN = 2 * CHAIN_LENGTH;

  /** Where the frame starts in {@link #bytes}. */
  static final int FRAME = CHAIN_IN + CHAIN_LENGTH;

  private final byte[] bytes = new byte[FRAME + MAX_FRAME_LENGTH];
  private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
  private final MemorySegment segment = MemorySegment.ofArray(bytes);
  private final byte[] digest = new byte[CHAIN_LENGTH];
  private final MessageDigest sha256 = sha256();
  private final CRC32C crc32c = new CRC32C();

  FrameCodec(byte[] chain) {
    byte[] tag = tag();
    System.arraycopy(tag, 0, bytes, 0, CHAIN_LENGTH);
    System.arraycopy(tag, 0, bytes, CHAIN_LENGTH, CHAIN_LENGTH);
    chain(chain);
  }

  /** SHA-256("vts/journal/frame"), which stands twice before what is hashed. */
  static byte[] tag() {
    return sha256().digest("vts/journal/frame".getBytes(StandardCharsets.US_ASCII));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** Chain in front of the first record of a journal with this identity. */
  static byte[] genesis(byte[] identity) {
    byte[] tag = sha256().digest("vts/journal/genesis".getBytes(StandardCharsets.US_ASCII));
    MessageDigest sha256 = sha256();
    sha256.update(tag);
    sha256.update(tag);
    return sha256.digest(identity);
  }

  /** Sets the chain hash that the next frame continues. */
  void chain(byte[] chain) {
    System.arraycopy(chain, 0, bytes, CHAIN_IN, CHAIN_LENGTH);
  }

  /** Chain hash of the frame encoded or checked last. */
  byte[] chain() {
    return Arrays.copyOfRange(bytes, CHAIN_IN, FRAME);
  }

  /** Array that holds the current frame from {@link #FRAME} on. */
  byte[] bytes() {
    return bytes;
  }

  /** The same bytes as {@link #bytes()}. */
  UnsafeBuffer buffer() {
    return buffer;
  }

  /** Builds a frame in place, advances the chain and returns the frame's length. */
  int encode(
      long position,
      int type,
      long timeMillis,
      long durablePosition,
      int epoch,
      DirectBuffer payload,
      int offset,
      int length) {
    int chainAt = FrameLayout.chainOffset(length);
    int frameLength = FrameLayout.frameLength(length);
    INT.set(bytes, FRAME + FrameLayout.LENGTH_OFFSET, frameLength);
    SHORT.set(bytes, FRAME + FrameLayout.TYPE_OFFSET, (short) type);
    SHORT.set(bytes, FRAME + FrameLayout.VERSION_OFFSET, (short) FrameLayout.VERSION);
    LONG.set(bytes, FRAME + FrameLayout.POSITION_OFFSET, position);
    LONG.set(bytes, FRAME + FrameLayout.TIME_OFFSET, timeMillis);
    LONG.set(bytes, FRAME + FrameLayout.DURABLE_OFFSET, durablePosition);
    INT.set(bytes, FRAME + FrameLayout.EPOCH_OFFSET, epoch);
    INT.set(bytes, FRAME + FrameLayout.PAYLOAD_LENGTH_OFFSET, length);
    // Zeros the padding; with no payload this is the payload length, which is zero then as well.
    INT.set(bytes, FRAME + chainAt - 4, 0);
    payload.getBytes(offset, bytes, FRAME + PAYLOAD_OFFSET, length);
    hash(chainAt);
    System.arraycopy(digest, 0, bytes, FRAME + chainAt, CHAIN_LENGTH);
    INT.set(bytes, FRAME + chainAt + CHAIN_LENGTH, crc(chainAt + CHAIN_LENGTH));
    System.arraycopy(digest, 0, bytes, CHAIN_IN, CHAIN_LENGTH);
    return frameLength;
  }

  /** Copies a frame in from a file's mapping; {@link #check} comes next. */
  void load(MemorySegment source, long offset, int length) {
    MemorySegment.copy(source, offset, segment, FRAME, length);
  }

  /**
   * Checks everything about the loaded frame but the chain.
   *
   * @return what is wrong, or null
   */
  String checkShape(int length) {
    if (length < FrameLayout.MIN_FRAME_LENGTH || length > MAX_FRAME_LENGTH || (length & 3) != 0) {
      return "frame length " + length + " is out of range";
    }
    if ((int) INT.get(bytes, FRAME + FrameLayout.LENGTH_OFFSET) != length) {
      return "frame length differs from the length of its document";
    }
    int payloadLength = payloadLength();
    if (payloadLength < 0
        || payloadLength > FrameLayout.MAX_PAYLOAD_LENGTH
        || FrameLayout.frameLength(payloadLength) != length) {
      return "payload length " + payloadLength + " does not fit frame length " + length;
    }
    int crcAt = length - CRC_LENGTH;
    if ((int) INT.get(bytes, FRAME + crcAt) != crc(crcAt)) {
      return "CRC32C does not match";
    }
    int version = Short.toUnsignedInt((short) SHORT.get(bytes, FRAME + FrameLayout.VERSION_OFFSET));
    return version == FrameLayout.VERSION ? null : "unknown frame version " + version;
  }

  /** Checks that the loaded frame continues the chain, and advances the chain if so. */
  boolean checkChain() {
    int chainAt = FrameLayout.chainOffset(payloadLength());
    hash(chainAt);
    if (!Arrays.equals(
        digest, 0, CHAIN_LENGTH, bytes, FRAME + chainAt, FRAME + chainAt + CHAIN_LENGTH)) {
      return false;
    }
    System.arraycopy(digest, 0, bytes, CHAIN_IN, CHAIN_LENGTH);
    return true;
  }

  /** Takes the loaded frame's own chain hash as the chain, unchecked. */
  void trustChain() {
    int chainAt = FrameLayout.chainOffset(payloadLength());
    System.arraycopy(bytes, FRAME + chainAt, bytes, CHAIN_IN, CHAIN_LENGTH);
  }

  void deliver(FrameHandler handler) {
    handler.onFrame(
        position(), type(), timeMillis(), buffer, FRAME + PAYLOAD_OFFSET, payloadLength());
  }

  int type() {
    return Short.toUnsignedInt((short) SHORT.get(bytes, FRAME + FrameLayout.TYPE_OFFSET));
  }

  long position() {
    return (long) LONG.get(bytes, FRAME + FrameLayout.POSITION_OFFSET);
  }

  long timeMillis() {
    return (long) LONG.get(bytes, FRAME + FrameLayout.TIME_OFFSET);
  }

  long durablePosition() {
    return (long) LONG.get(bytes, FRAME + FrameLayout.DURABLE_OFFSET);
  }

  int epoch() {
    return (int) INT.get(bytes, FRAME + FrameLayout.EPOCH_OFFSET);
  }

  int payloadLength() {
    return (int) INT.get(bytes, FRAME + FrameLayout.PAYLOAD_LENGTH_OFFSET);
  }

  /** Length field of a frame that lies in a mapping. */
  static int lengthAt(MemorySegment source, long frameOffset) {
    return source.get(ValueLayout.JAVA_INT_UNALIGNED, frameOffset);
  }

  /** Position field of a frame that lies in a mapping. */
  static long positionAt(MemorySegment source, long frameOffset) {
    return source.get(ValueLayout.JAVA_LONG_UNALIGNED, frameOffset + FrameLayout.POSITION_OFFSET);
  }

  private void hash(int chainAt) {
    sha256.update(bytes, 0, FRAME + chainAt);
    try {
      sha256.digest(digest, 0, CHAIN_LENGTH);
    } catch (DigestException e) {
      throw new AssertionError("32 bytes hold a SHA-256", e);
    }
  }

  private int crc(int length) {
    crc32c.reset();
    crc32c.update(bytes, FRAME, length);
    return (int) crc32c.getValue();
  }
}
