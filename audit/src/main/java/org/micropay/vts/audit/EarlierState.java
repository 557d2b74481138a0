package org.micropay.vts.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.micropay.vts.journal.AnchorFile;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.SignedNote;

/**
 * What is known of the journal from an earlier time and another place. It is what catches a journal
 * that was written anew with all its hashes.
 */
public sealed interface EarlierState permits Checkpoint, TreeHead {
  /**
   * Reads the JSON result of an earlier audit, a checkpoint of the public log (a signed note; its
   * signatures are the log verifier's business), or a server's anchor.
   *
   * @throws IllegalArgumentException when the file is neither; the message says what is missing
   * @throws IOException when it cannot be read
   */
  static EarlierState read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (bytes.length > 0 && bytes[0] == '{') {
      return Checkpoint.parse(file, bytes);
    }
    if (AnchorFile.isAnchor(bytes)) {
      try {
        return Checkpoint.of(AnchorFile.read(file));
      } catch (JournalException e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
    }
    try {
      org.micropay.vts.transparency.Checkpoint head =
          org.micropay.vts.transparency.Checkpoint.parse(SignedNote.parse(bytes).text());
      return new TreeHead(head.size(), head.root());
    } catch (LogDataException e) {
      throw new IllegalArgumentException(
          file
              + " is no audit's JSON result, no anchor and no checkpoint of a log: "
              + e.getMessage(),
          e);
    }
  }
}
