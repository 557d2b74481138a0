package org.micropay.vts.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.micropay.vts.merchant.Challenge;
import org.micropay.vts.merchant.PresentedTicket;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Terms;

/** Signs what no wallet would: a second ticket on an escrow that has one outstanding. */
final class CheatingBuyer {
  private CheatingBuyer() {}

  static PresentedTicket secondTicket(Shop shop, Terms terms, Challenge challenge) {
    Path seedFile = shop.folder().resolve("wallet/seed.key");
    if (!Files.exists(seedFile)) {
      throw new IllegalStateException(seedFile + " is missing");
    }
    byte[] r2 = new byte[Bytes16.LENGTH];
    new SecureRandom().nextBytes(r2);
    try (SecretKey seed = SecretKey.fromFile(seedFile);
        SecretKey key = seed.derive(terms.outpoint().vout())) {
      return new PresentedTicket(
          challenge.counter(),
          TicketSigner.ticket(
              key,
              terms,
              challenge.ask(),
              Bytes16.of(r2),
              challenge.askExpires() + challenge.minExpirySeconds()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
