package org.micropay.vts.audit;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.PublicKey;

/**
 * What to audit.
 *
 * @param places the journal's folder, and the archive that its older files went to
 * @param snapshot the state to begin with; without it the audit begins at the first record that is
 *     there, and takes a snapshot's state only when that is not record 1
 * @param vtsKey the key that the auditor expects; without it the journal's own is taken
 * @param checkpoints earlier states, chain hashes or published tree heads, that the journal must
 *     contain
 * @param kernel verifies the signatures
 * @param threads that check ranges, 1 or more
 */
public record AuditOptions(
    JournalPlaces places,
    Optional<Path> snapshot,
    Optional<PublicKey> vtsKey,
    List<EarlierState> checkpoints,
    Kernel kernel,
    int threads) {
  /** Copies the list. */
  public AuditOptions {
    checkpoints = List.copyOf(checkpoints);
    if (threads < 1) {
      throw new IllegalArgumentException("audit with " + threads + " threads; give 1 or more");
    }
  }

  /** With every core and nothing to compare with. */
  public static AuditOptions of(Path journal, Kernel kernel) {
    return of(JournalPlaces.of(journal), kernel);
  }

  /** The same of a journal and its archive. */
  public static AuditOptions of(JournalPlaces places, Kernel kernel) {
    return new AuditOptions(
        places,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        kernel,
        Runtime.getRuntime().availableProcessors());
  }

  /** The journal's folder. */
  Path journal() {
    return places.journal();
  }
}
