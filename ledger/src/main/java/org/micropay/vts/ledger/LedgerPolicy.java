package org.micropay.vts.ledger;

import java.nio.ByteOrder;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ticket.PublicKey;

/**
 * What the ledger decides by. It is itself the first journal record (CONFIG), and one more such
 * record follows whenever it changes, so that a replay needs the journal only.
 *
 * <pre>
 *  0         2         6        39               43                47
 *  | version | network | vtsKey | escrowCapacity | depositCapacity |
 *  47                 51             55                 63            67               71
 *  | minConfirmations | refundMargin | chainStaleMillis | retireDepth | digestInterval |
 *  71         79         87
 *  | hashKey0 | hashKey1 |        version u16 = 1, millis and keys u64, others u32; little-endian
 * </pre>
 *
 * <p>Network, VTS key and hash keys are the ledger's for life; the rest may change.
 *
 * @param network the chain's P2P magic, its four bytes read little-endian
 * @param vtsKey the key that registered terms must name
 * @param escrowCapacity escrows that may be live at once, 1 to 2^30
 * @param depositCapacity deposits that may be live at once, 0 to 2^30
 * @param minConfirmations blocks that an escrow's funding needs before a grant, at least 1
 * @param refundMargin blocks that must lie between the tip and the refund height, at least 1
 * @param chainStaleMillis milliseconds after which a tip that was not seen again is not relied on
 * @param retireDepth blocks that must bury a spend, or follow the refund height of an escrow
 *     without a grant, before the ledger forgets the escrow; at least 100, Bitcoin's own horizon
 *     for coinbase maturity
 * @param digestInterval records between two STATE_DIGEST records; 0 for none
 * @param hashKey0 first half of the hash tables' key, drawn at random when the journal is made
 * @param hashKey1 second half; keep both out of what is published, or collisions can be crafted
 */
public record LedgerPolicy(
    int network,
    PublicKey vtsKey,
    int escrowCapacity,
    int depositCapacity,
    int minConfirmations,
    int refundMargin,
    long chainStaleMillis,
    int retireDepth,
    int digestInterval,
    long hashKey0,
    long hashKey1) {
  /** Encoded length in bytes. */
  public static final int LENGTH = 87;

  /** Most escrows or deposits that one ledger can hold. */
  public static final int MAX_CAPACITY = 1 << 30;

  /** Least number of blocks before an escrow may be forgotten. */
  public static final int MIN_RETIRE_DEPTH = 100;

  private static final short VERSION = 1;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the value
   */
  public LedgerPolicy {
    Objects.requireNonNull(vtsKey);
    requireRange("escrowCapacity", escrowCapacity, 1, MAX_CAPACITY);
    requireRange("depositCapacity", depositCapacity, 0, MAX_CAPACITY);
    requireRange("minConfirmations", minConfirmations, 1, 1_000_000);
    requireRange("refundMargin", refundMargin, 1, 1_000_000);
    requireRange("chainStaleMillis", chainStaleMillis, 1, Long.MAX_VALUE);
    requireRange("retireDepth", retireDepth, MIN_RETIRE_DEPTH, 100_000_000);
    requireRange("digestInterval", digestInterval, 0, Integer.MAX_VALUE);
  }

  private static void requireRange(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "ledger policy: %s is %d, must be %d to %d".formatted(name, value, least, most));
    }
  }

  /**
   * Reads exactly 87 bytes.
   *
   * @throws IllegalArgumentException for another length or version, or a value out of range
   */
  public static LedgerPolicy decode(DirectBuffer buffer, int offset, int length) {
    if (length != LENGTH) {
      throw new IllegalArgumentException("ledger policy has " + length + " bytes, not " + LENGTH);
    }
    short version = buffer.getShort(offset, ByteOrder.LITTLE_ENDIAN);
    if (version != VERSION) {
      throw new IllegalArgumentException("ledger policy has version " + version + ", not 1");
    }
    byte[] key = new byte[PublicKey.LENGTH];
    buffer.getBytes(offset + 6, key);
    return new LedgerPolicy(
        buffer.getInt(offset + 2, ByteOrder.LITTLE_ENDIAN),
        PublicKey.copyOf(key, 0),
        buffer.getInt(offset + 39, ByteOrder.LITTLE_ENDIAN),
        buffer.getInt(offset + 43, ByteOrder.LITTLE_ENDIAN),
        buffer.getInt(offset + 47, ByteOrder.LITTLE_ENDIAN),
        buffer.getInt(offset + 51, ByteOrder.LITTLE_ENDIAN),
        buffer.getLong(offset + 55, ByteOrder.LITTLE_ENDIAN),
        buffer.getInt(offset + 63, ByteOrder.LITTLE_ENDIAN),
        buffer.getInt(offset + 67, ByteOrder.LITTLE_ENDIAN),
        buffer.getLong(offset + 71, ByteOrder.LITTLE_ENDIAN),
        buffer.getLong(offset + 79, ByteOrder.LITTLE_ENDIAN));
  }

  /** The 87 bytes: the payload of a CONFIG record. */
  public byte[] encode() {
    byte[] bytes = new byte[LENGTH];
    UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    buffer.putShort(0, VERSION, ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(2, network, ByteOrder.LITTLE_ENDIAN);
    vtsKey.copyTo(bytes, 6);
    buffer.putInt(39, escrowCapacity, ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(43, depositCapacity, ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(47, minConfirmations, ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(51, refundMargin, ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(55, chainStaleMillis, ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(63, retireDepth, ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(67, digestInterval, ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(71, hashKey0, ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(79, hashKey1, ByteOrder.LITTLE_ENDIAN);
    return bytes;
  }

  /** Whether a ledger made for this policy can go on under the other. */
  boolean canBecome(LedgerPolicy other) {
    return network == other.network
        && vtsKey.equals(other.vtsKey)
        && hashKey0 == other.hashKey0
        && hashKey1 == other.hashKey1;
  }

  /** All but the hash keys, which do not belong in a log. */
  @Override
  public String toString() {
    return ("LedgerPolicy[network=%08x, vtsKey=%s, escrowCapacity=%d, depositCapacity=%d,"
            + " minConfirmations=%d, refundMargin=%d, chainStaleMillis=%d, retireDepth=%d,"
            + " digestInterval=%d]")
        .formatted(
            network,
            vtsKey,
            escrowCapacity,
            depositCapacity,
            minConfirmations,
            refundMargin,
            chainStaleMillis,
            retireDepth,
            digestInterval);
  }
}
