package org.micropay.vts.transparency;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A text with signature lines (C2SP signed-note). Parsed, it is well-formed and no more: what it
 * says counts only as far as {@link #signedBy} says so.
 *
 * @param text with its final newline, without the blank line behind it
 * @param lines at least one
 */
public record SignedNote(String text, List<NoteLine> lines) {
  /** Longest note that is read, in bytes. */
  public static final int MAX_LENGTH = 64 * 1024;

  /** Copies the lines. */
  public SignedNote {
    lines = List.copyOf(lines);
    if (!text.endsWith("\n") || lines.isEmpty()) {
      throw new LogDataException("a note is text that ends in a newline, and signatures");
    }
  }

  /**
   * Reads a note.
   *
   * @throws LogDataException when it is not well-formed UTF-8 text with signatures
   */
  public static SignedNote parse(byte[] bytes) {
    if (bytes.length > MAX_LENGTH) {
      throw new LogDataException(
          "a note of %d bytes; at most %d are read".formatted(bytes.length, MAX_LENGTH));
    }
    String note = decode(bytes);
    int blank = note.lastIndexOf("\n\n");
    if (blank < 0 || !note.endsWith("\n") || blank + 2 == note.length()) {
      throw new LogDataException("a note is text, an empty line, and signature lines");
    }
    List<NoteLine> lines = new ArrayList<>();
    for (String line : note.substring(blank + 2, note.length() - 1).split("\n", -1)) {
      lines.add(NoteLine.parse(line));
    }
    return new SignedNote(note.substring(0, blank + 1), lines);
  }

  private static String decode(byte[] bytes) {
    try {
      String note = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (note.chars().anyMatch(c -> c < ' ' && c != '\n')) {
        throw new LogDataException("a note has no control characters but newlines");
      }
      return note;
    } catch (CharacterCodingException e) {
      throw new LogDataException("a note is UTF-8", e);
    }
  }

  /**
   * The line by which the log's own key signed the text.
   *
   * @return empty when no line is the key's
   * @throws LogDataException when a line says that it is the key's and its signature is wrong
   */
  public Optional<NoteLine> signedBy(VerifierKey key) {
    Optional<NoteLine> line = lines.stream().filter(key::isOf).findFirst();
    line.ifPresent(
        found -> {
          boolean valid =
              key.kind() == VerifierKey.Kind.COSIGNATURE
                  ? Cosignature.of(found).verifies(key, text)
                  : isValid(key, found);
          if (!valid) {
            throw new LogDataException("the signature of '" + key.name() + "' is wrong");
          }
        });
    return line;
  }

  private boolean isValid(VerifierKey key, NoteLine line) {
    byte[] signature = line.signature();
    return signature.length == Ed25519Signature.LENGTH
        && Ed25519.verify(
            key.publicKey(),
            text.getBytes(StandardCharsets.UTF_8),
            Ed25519Signature.copyOf(signature, 0));
  }

  /** The same note with one more line, unless it is there already. */
  public SignedNote with(NoteLine line) {
    if (lines.contains(line)) {
      return this;
    }
    List<NoteLine> more = new ArrayList<>(lines);
    more.add(line);
    return new SignedNote(text, more);
  }

  /** UTF-8. */
  public byte[] encode() {
    return toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    StringBuilder note = new StringBuilder(text).append('\n');
    lines.forEach(note::append);
    return note.toString();
  }
}
