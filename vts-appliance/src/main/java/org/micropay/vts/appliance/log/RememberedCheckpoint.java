package org.micropay.vts.appliance.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.transparency.Checkpoint;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.SignedNote;
import org.micropay.vts.transparency.VerifierKey;

/**
 * The checkpoint of a log that was found clean last, so that the next look notices a log that has
 * shrunk or shows another history. A text file:
 *
 * <pre>
 *  vts/remembered-checkpoint/1
 *  log-key name+id+base64
 *  vts-key 66 hex digits, or - when the log had no leaf
 *
 *  the checkpoint as a signed note
 * </pre>
 *
 * @param logKey that verified it
 * @param vtsKey whose log it is
 * @param note the checkpoint
 */
public record RememberedCheckpoint(
    VerifierKey logKey, Optional<PublicKey> vtsKey, SignedNote note) {
  private static final String HEADER = "vts/remembered-checkpoint/1\n";
  private static final String LOG_KEY = "log-key ";
  private static final String VTS_KEY = "vts-key ";
  private static final int LINES = 3;

  /** Where the log of this origin is remembered by default: below XDG_STATE_HOME. */
  public static Path defaultFile(String origin) {
    String state = System.getenv("XDG_STATE_HOME");
    Path base =
        state == null || state.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state);
    String name = Sha256.of(origin.getBytes(StandardCharsets.UTF_8)).toHex().substring(0, 32);
    return base.resolve("vts").resolve("log").resolve(name + ".checkpoint");
  }

  /**
   * Reads a file; empty when there is none.
   *
   * @throws LogDataException when it is none of ours
   * @throws IOException when it cannot be read
   */
  public static Optional<RememberedCheckpoint> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    String text = Files.readString(file);
    int blank = text.indexOf("\n\n");
    String[] lines = blank < 0 ? new String[0] : text.substring(0, blank).split("\n");
    if (lines.length != LINES
        || !text.startsWith(HEADER)
        || !lines[1].startsWith(LOG_KEY)
        || !lines[2].startsWith(VTS_KEY)) {
      throw new LogDataException(file + " is no remembered checkpoint");
    }
    String vtsKey = lines[2].substring(VTS_KEY.length());
    try {
      return Optional.of(
          new RememberedCheckpoint(
              VerifierKey.parse(lines[1].substring(LOG_KEY.length())),
              vtsKey.equals("-") ? Optional.empty() : Optional.of(PublicKey.fromHex(vtsKey)),
              SignedNote.parse(text.substring(blank + 2).getBytes(StandardCharsets.UTF_8))));
    } catch (ProtocolException e) {
      throw new LogDataException(file + " is no remembered checkpoint: " + e.getMessage());
    }
  }

  /** The checkpoint, verified again. */
  public Checkpoint checkpoint() {
    return Checkpoint.of(note, logKey);
  }

  /** Writes the file; it is there as a whole, old or new. */
  public void write(Path file) throws IOException {
    Path target = file.toAbsolutePath();
    Files.createDirectories(target.getParent());
    Path partial = target.resolveSibling("." + target.getFileName() + ".new");
    Files.writeString(
        partial,
        HEADER
            + LOG_KEY
            + logKey
            + '\n'
            + VTS_KEY
            + vtsKey.map(PublicKey::toHex).orElse("-")
            + "\n\n"
            + note);
    Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
  }
}
