package org.micropay.vts.appliance.server;

import java.util.concurrent.CompletableFuture;
import org.micropay.vts.ticket.Bytes32;

/** What both interfaces ask and tell about escrows. Any thread. */
public interface Escrows {
  /** The state of an escrow as of the ledger's tip; answered from memory. */
  EscrowStatus status(Bytes32 termsDigest);

  /**
   * Registers an escrow: checks its form, signatures and funding, then sends it through the ring.
   *
   * @param registration canonical bytes; copied before the call returns
   * @param client who asks, such as a network address: bounds what is remembered for one
   * @return completes once the answer is final and, when registered, durable; never exceptionally
   */
  CompletableFuture<RegisterAnswer> register(byte[] registration, String client);
}
