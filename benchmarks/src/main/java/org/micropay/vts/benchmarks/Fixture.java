package org.micropay.vts.benchmarks;

import java.util.Optional;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/** One payment with fixed inputs: what the benchmarks work on. Owns its keys. */
final class Fixture implements AutoCloseable {
  static final long EXPIRY = 4_000_000_000L;

  final SecretKey buyerKey = SecretKey.generate();
  final SecretKey vtsKey = SecretKey.generate();
  final PayoutScript payoutScript = PayoutScript.fromHex("0014" + "5a".repeat(20));
  final Terms terms =
      new Terms(
          Network.REGTEST.magic(),
          new Outpoint(Bytes32.fromHex("ab".repeat(32)), 1),
          100_000,
          99_000,
          1,
          400_000_000,
          PublicKey.of(buyerKey.publicKey()),
          PublicKey.of(vtsKey.publicKey()));
  final Opening opening =
      new Opening(Bytes16.fromHex("11".repeat(16)), Bytes16.fromHex("22".repeat(16)));
  final Ask ask = new Ask(opening.commitment(), payoutScript);
  final Ticket ticket =
      TicketSigner.ticket(buyerKey, terms, ask, Bytes16.fromHex("33".repeat(16)), EXPIRY);
  final Claim claim = Claim.of(terms, ticket, opening);
  final Registration registration = TicketSigner.registration(buyerKey, terms, Optional.empty());

  @Override
  public void close() {
    buyerKey.close();
    vtsKey.close();
  }
}
