package org.micropay.vts.audit;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.PublicKey;

/**
 * What to audit.
 *
 * @param journal the journal's folder
 * @param vtsKey the key that the auditor expects; without it the journal's own is taken
 * @param checkpoints earlier states, chain hashes or published tree heads, that the journal must
 *     contain
 * @param kernel verifies the signatures
 * @param threads that check ranges, 1 or more
 */
public record AuditOptions(
    Path journal,
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
    return new AuditOptions(
        journal, Optional.empty(), List.of(), kernel, Runtime.getRuntime().availableProcessors());
  }
}
