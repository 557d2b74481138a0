package org.micropay.vts.transparency;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A witness's statement that at a time it had seen no larger tree of this log, and this one
 * consistent with all before (C2SP tlog-cosignature, {@code cosignature/v1}).
 *
 * @param timestamp Unix seconds, 0 to 2^63 - 1
 * @param signature over {@link #message}
 */
public record Cosignature(long timestamp, Ed25519Signature signature) {
  /** Length in bytes of what stands in a note's line behind the key id. */
  public static final int LENGTH = 8 + Ed25519Signature.LENGTH;

  /** Checks the time. */
  public Cosignature {
    if (timestamp < 0) {
      throw new LogDataException("a cosignature's time is beyond 2^63 - 1");
    }
  }

  /**
   * Out of a note's line: time u64 big-endian, signature 64.
   *
   * @throws LogDataException when it has another length
   */
  public static Cosignature of(NoteLine line) {
    byte[] bytes = line.signature();
    if (bytes.length != LENGTH) {
      throw new LogDataException(
          "a cosignature has %d bytes; that of '%s' has %d"
              .formatted(LENGTH, line.name(), bytes.length));
    }
    return new Cosignature(
        ByteBuffer.wrap(bytes).getLong(), Ed25519Signature.copyOf(bytes, Long.BYTES));
  }

  /** What a witness signs at {@code timestamp} for a checkpoint's text. */
  public static byte[] message(long timestamp, String text) {
    return ("cosignature/v1\ntime " + timestamp + "\n" + text).getBytes(StandardCharsets.UTF_8);
  }

  /** Whether it is the key's over a checkpoint's text. */
  public boolean verifies(VerifierKey key, String text) {
    return Ed25519.verify(key.publicKey(), message(timestamp, text), signature);
  }

  /** The line of a note. */
  public NoteLine toLine(VerifierKey key) {
    ByteBuffer bytes = ByteBuffer.allocate(LENGTH).putLong(timestamp).put(signature.toArray());
    return new NoteLine(key.name(), key.id(), bytes.array());
  }
}
