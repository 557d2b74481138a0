package org.micropay.vts.simulation;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.micropay.vts.settlement.EscrowWatcher;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/** An escrow on the chain, its buyer's keys, and how far its registration has come. One thread. */
final class SimulatedEscrow {
  final Terms terms;
  final Keys buyer;
  CompletableFuture<EscrowWatcher.Answer> asked;
  boolean registered;
  int claims;

  SimulatedEscrow(Terms terms, Keys buyer) {
    this.terms = terms;
    this.buyer = buyer;
  }

  Registration registration(CryptoSuite crypto) {
    CompactSignature signature = crypto.sign(buyer, Registration.digest(terms, Optional.empty()));
    return new Registration(terms, Optional.empty(), signature);
  }
}
