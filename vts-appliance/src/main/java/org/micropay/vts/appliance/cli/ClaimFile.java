package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.ProtocolException;

/** A claim on disk or on standard input: the canonical bytes, or their base64url. */
final class ClaimFile {
  private static final int MAX_BYTES = 4096;

  private ClaimFile() {}

  /** Reads {@code path}, or standard input for {@code -}. */
  static Claim read(Path path) {
    byte[] bytes = bytes(path, "claim");
    try {
      boolean raw =
          bytes.length >= ClaimLayout.MIN_LENGTH
              && bytes.length <= ClaimLayout.MAX_LENGTH
              && !isText(bytes);
      return raw
          ? Claim.decode(bytes)
          : Claim.fromBase64Url(new String(bytes, StandardCharsets.US_ASCII).strip());
    } catch (ProtocolException e) {
      throw new CommandException(ExitCode.DATA, e.code().name(), path + ": " + e.getMessage());
    }
  }

  private static boolean isText(byte[] bytes) {
    for (byte b : bytes) {
      if (b <= ' ' && b != '\n' && b != '\r' || b == 0x7F) {
        return false;
      }
    }
    return true;
  }

  /** All bytes of a small file, or of standard input for {@code -}; {@code what} it should hold. */
  static byte[] bytes(Path path, String what) {
    return bytes(path, what, MAX_BYTES);
  }

  /** The same with another limit in bytes. */
  static byte[] bytes(Path path, String what, int limit) {
    try (InputStream in = path.toString().equals("-") ? System.in : Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw new CommandException(
            ExitCode.DATA, "TOO_LARGE", path + " is longer than any " + what + " (" + limit + ")");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new CommandException(
          ExitCode.NO_INPUT,
          "NO_INPUT",
          path + " does not exist; name the " + what + "'s file, or -");
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.NO_INPUT, "NO_INPUT", path + " cannot be read: " + e.getMessage());
    }
  }
}
