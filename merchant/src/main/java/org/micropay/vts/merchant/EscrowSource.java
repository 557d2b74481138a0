package org.micropay.vts.merchant;

import java.util.concurrent.CompletableFuture;
import org.micropay.vts.ticket.Bytes32;

/** Who knows about escrows: the VTS, over whichever transport. Any thread. */
@FunctionalInterface
public interface EscrowSource {
  /**
   * Asks about one escrow.
   *
   * @return what is known; fails with {@link VtsException} when there was no answer
   */
  CompletableFuture<EscrowFacts> lookup(Bytes32 termsDigest);
}
