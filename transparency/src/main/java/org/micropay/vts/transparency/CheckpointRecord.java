package org.micropay.vts.transparency;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.micropay.vts.ticket.Bytes;
import org.micropay.vts.ticket.Bytes32;

/**
 * Payload of journal record type 30 CHECKPOINT: a tree head that the log key signed, in the journal
 * before anybody sees it. With the leaves before it everything in it can be computed again but the
 * signature, which the public key in it verifies.
 *
 * <pre>
 *  offset  bytes
 *       0      8  size, u64: leaves of the tree
 *       8     32  root
 *      40      8  through, u64: journal position up to which every leaf is in the tree
 *      48      8  time, u64: Unix milliseconds at which it was signed
 *      56     32  public key of the log, Ed25519
 *      88     64  signature over the checkpoint's text
 *     152      1  n, length of the origin, 1 to 255
 *     153      n  origin, UTF-8
 * </pre>
 *
 * @param checkpoint origin, size and root
 * @param through journal position; below the record's own
 * @param timeMillis Unix milliseconds
 * @param publicKey the log's
 * @param signature over {@link Checkpoint#text}
 */
public record CheckpointRecord(
    Checkpoint checkpoint,
    long through,
    long timeMillis,
    Bytes32 publicKey,
    Ed25519Signature signature) {
  /** Number of the journal record type. */
  public static final int TYPE = 30;

  private static final int ROOT = 8;
  private static final int THROUGH = 40;
  private static final int TIME = 48;
  private static final int PUBLIC_KEY = 56;
  private static final int SIGNATURE = 88;
  private static final int ORIGIN_LENGTH = 152;
  private static final int ORIGIN = 153;

  /** Checks that all is there. */
  public CheckpointRecord {
    Objects.requireNonNull(checkpoint);
    Objects.requireNonNull(publicKey);
    Objects.requireNonNull(signature);
    if (through < 0 || timeMillis < 0) {
      throw new LogDataException("a checkpoint record with negative position or time");
    }
  }

  /** 154 to 408 bytes. */
  public byte[] encode() {
    byte[] origin = checkpoint.origin().getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[ORIGIN + origin.length];
    Bytes.putLongLe(bytes, 0, checkpoint.size());
    checkpoint.root().copyTo(bytes, ROOT);
    Bytes.putLongLe(bytes, THROUGH, through);
    Bytes.putLongLe(bytes, TIME, timeMillis);
    publicKey.copyTo(bytes, PUBLIC_KEY);
    signature.copyTo(bytes, SIGNATURE);
    bytes[ORIGIN_LENGTH] = (byte) origin.length;
    System.arraycopy(origin, 0, bytes, ORIGIN, origin.length);
    return bytes;
  }

  /**
   * The record's payload.
   *
   * @throws LogDataException when it is none
   */
  public static CheckpointRecord decode(byte[] bytes) {
    if (bytes.length <= ORIGIN || bytes.length != ORIGIN + (bytes[ORIGIN_LENGTH] & 0xFF)) {
      throw new LogDataException(
          "a checkpoint record of " + bytes.length + " bytes does not agree with its origin");
    }
    String origin =
        new String(Arrays.copyOfRange(bytes, ORIGIN, bytes.length), StandardCharsets.UTF_8);
    return new CheckpointRecord(
        new Checkpoint(origin, Bytes.getLongLe(bytes, 0), Bytes32.copyOf(bytes, ROOT)),
        Bytes.getLongLe(bytes, THROUGH),
        Bytes.getLongLe(bytes, TIME),
        Bytes32.copyOf(bytes, PUBLIC_KEY),
        Ed25519Signature.copyOf(bytes, SIGNATURE));
  }

  /** The key that verifies it, as the record says. */
  public VerifierKey logKey() {
    return new VerifierKey(checkpoint.origin(), VerifierKey.Kind.ED25519, publicKey);
  }

  /** Whether the signature is the public key's over the checkpoint. */
  public boolean isSigned() {
    return Ed25519.verify(publicKey, checkpoint.textBytes(), signature);
  }

  /** The note as it is published, without cosignatures. */
  public SignedNote note() {
    return checkpoint.sign(logKey(), signature);
  }
}
