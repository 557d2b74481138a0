package org.micropay.vts.transparency;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.micropay.vts.ticket.Bytes;
import org.micropay.vts.ticket.Bytes32;

/**
 * Payload of journal record type 31 COSIGNATURE: a witness's cosignature on a checkpoint that an
 * earlier record 30 holds.
 *
 * <pre>
 *  offset  bytes
 *       0      8  size of the checkpoint, u64
 *       8     32  root of the checkpoint
 *      40      8  time of the cosignature, u64: Unix seconds
 *      48     32  public key of the witness, Ed25519
 *      80     64  signature over "cosignature/v1", the time and the checkpoint's text
 *     144      1  n, length of the witness's name, 1 to 255
 *     145      n  name, UTF-8
 * </pre>
 *
 * @param size of the checkpoint
 * @param root of the checkpoint
 * @param cosignature time and signature
 * @param witness the key that verifies it
 */
public record CosignatureRecord(
    long size, Bytes32 root, Cosignature cosignature, VerifierKey witness) {
  /** Number of the journal record type. */
  public static final int TYPE = 31;

  private static final int ROOT = 8;
  private static final int TIMESTAMP = 40;
  private static final int PUBLIC_KEY = 48;
  private static final int SIGNATURE = 80;
  private static final int NAME_LENGTH = 144;
  private static final int NAME = 145;

  /** Checks that all is there. */
  public CosignatureRecord {
    Objects.requireNonNull(root);
    Objects.requireNonNull(cosignature);
    if (size < 0 || witness.kind() != VerifierKey.Kind.COSIGNATURE) {
      throw new LogDataException("a cosignature record of size " + size + " by " + witness);
    }
  }

  /** 146 to 400 bytes. */
  public byte[] encode() {
    byte[] name = witness.name().getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[NAME + name.length];
    Bytes.putLongLe(bytes, 0, size);
    root.copyTo(bytes, ROOT);
    Bytes.putLongLe(bytes, TIMESTAMP, cosignature.timestamp());
    witness.publicKey().copyTo(bytes, PUBLIC_KEY);
    cosignature.signature().copyTo(bytes, SIGNATURE);
    bytes[NAME_LENGTH] = (byte) name.length;
    System.arraycopy(name, 0, bytes, NAME, name.length);
    return bytes;
  }

  /**
   * The record's payload.
   *
   * @throws LogDataException when it is none
   */
  public static CosignatureRecord decode(byte[] bytes) {
    if (bytes.length <= NAME || bytes.length != NAME + (bytes[NAME_LENGTH] & 0xFF)) {
      throw new LogDataException(
          "a cosignature record of " + bytes.length + " bytes does not agree with its name");
    }
    String name = new String(Arrays.copyOfRange(bytes, NAME, bytes.length), StandardCharsets.UTF_8);
    return new CosignatureRecord(
        Bytes.getLongLe(bytes, 0),
        Bytes32.copyOf(bytes, ROOT),
        new Cosignature(
            Bytes.getLongLe(bytes, TIMESTAMP), Ed25519Signature.copyOf(bytes, SIGNATURE)),
        new VerifierKey(name, VerifierKey.Kind.COSIGNATURE, Bytes32.copyOf(bytes, PUBLIC_KEY)));
  }

  /** Whether it is the witness's over the checkpoint. */
  public boolean verifies(Checkpoint checkpoint) {
    return checkpoint.size() == size
        && checkpoint.root().equals(root)
        && cosignature.verifies(witness, checkpoint.text());
  }
}
