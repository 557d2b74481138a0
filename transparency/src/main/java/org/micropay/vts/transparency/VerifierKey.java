package org.micropay.vts.transparency;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Sha256;

/**
 * A key that verifies lines of signed notes, with its name (C2SP signed-note, "verifier keys"):
 *
 * <pre>
 *  name+hhhhhhhh+base64(kind || 32 bytes of the Ed25519 key)
 *       key id: the first four bytes of SHA-256(name || 0A || kind || key), in hexadecimal
 * </pre>
 *
 * @param name not empty, without spaces and plus signs
 * @param kind what its signatures cover
 * @param publicKey 32 bytes as RFC 8032 encodes them
 */
public record VerifierKey(String name, Kind kind, Bytes32 publicKey) {
  /** What a signature covers; the number is the type byte of signed-note. */
  public enum Kind {
    /** The note's text: a log's own signature. */
    ED25519(1),
    /** A time and the note's text: a witness's cosignature, {@code cosignature/v1}. */
    COSIGNATURE(4);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    /** The type byte. */
    public int number() {
      return number;
    }
  }

  private static final int PARTS = 3;
  private static final int MAX_NAME = 255;

  /**
   * Checks name and key.
   *
   * @throws LogDataException when one of them cannot be
   */
  public VerifierKey {
    Objects.requireNonNull(kind);
    requireName(name);
    Ed25519.requireKey(name, publicKey);
  }

  static void requireName(String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0
        || bytes > MAX_NAME
        || name.chars()
            .anyMatch(
                c ->
                    c == '+' || c < ' ' || Character.isWhitespace(c) || Character.isSpaceChar(c))) {
      throw new LogDataException(
          "key name '%s' is not 1 to %d bytes without spaces and plus signs"
              .formatted(printable(name), MAX_NAME));
    }
  }

  private static String printable(String text) {
    String clean = text.replaceAll("[\\p{Cntrl}]", "?");
    return clean.length() <= 80 ? clean : clean.substring(0, 80) + "...";
  }

  /**
   * The text form.
   *
   * @throws LogDataException when it is not one, or its key id is wrong
   */
  public static VerifierKey parse(String text) {
    String[] parts = text.split("\\+", PARTS);
    if (parts.length != PARTS) {
      throw new LogDataException(
          "verifier key '%s' is not name+id+base64".formatted(printable(text)));
    }
    byte[] material = StrictBase64.decode("verifier key", parts[2]);
    if (material.length != 1 + Bytes32.LENGTH) {
      throw new LogDataException(
          "verifier key of '%s' holds %d bytes; a type byte and 32 of Ed25519 are known here"
              .formatted(printable(parts[0]), material.length));
    }
    Kind kind =
        Arrays.stream(Kind.values())
            .filter(k -> k.number == material[0])
            .findFirst()
            .orElseThrow(
                () ->
                    new LogDataException(
                        "verifier key of '%s' has type %d; 1 (log) and 4 (witness) are known here"
                            .formatted(printable(parts[0]), material[0])));
    VerifierKey key = new VerifierKey(parts[0], kind, Bytes32.copyOf(material, 1));
    if (!parts[1].equals("%08x".formatted(key.id()))) {
      throw new LogDataException(
          "verifier key of '%s' says id %s; its key has %08x"
              .formatted(printable(parts[0]), printable(parts[1]), key.id()));
    }
    return key;
  }

  /** The key id, as an int whose highest byte comes first. */
  public int id() {
    byte[] digest =
        Sha256.of(
                name.getBytes(StandardCharsets.UTF_8),
                new byte[] {'\n', (byte) kind.number},
                publicKey.toArray())
            .toArray();
    return (digest[0] & 0xFF) << 24
        | (digest[1] & 0xFF) << 16
        | (digest[2] & 0xFF) << 8
        | digest[3] & 0xFF;
  }

  /** Whether a note's line claims to be of this key. */
  public boolean isOf(NoteLine line) {
    return line.name().equals(name) && line.keyId() == id();
  }

  @Override
  public String toString() {
    byte[] material = new byte[1 + Bytes32.LENGTH];
    material[0] = (byte) kind.number;
    publicKey.copyTo(material, 1);
    return "%s+%08x+%s".formatted(name, id(), Base64.getEncoder().encodeToString(material));
  }
}
