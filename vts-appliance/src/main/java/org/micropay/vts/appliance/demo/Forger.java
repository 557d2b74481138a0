package org.micropay.vts.appliance.demo;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/**
 * Makes what the VTS must refuse: for each reason a claim that is right in everything else. A
 * forger knows both shares of the lottery, so that a ticket wins or loses as it likes. One thread.
 */
final class Forger implements AutoCloseable {
  private static final BigInteger GROUP_ORDER =
      new BigInteger("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", 16);
  private static final int STALE_SECONDS = 60;

  private final Random random;
  private final SecretKey stranger = SecretKey.generate();

  Forger(Random random) {
    this.random = random;
  }

  /** {@code each} claims of every kind on escrows that nobody has won, shuffled by the caller. */
  List<PlannedClaim> forge(
      List<DemoEscrow> registered, List<DemoEscrow> unregistered, PayoutScript script, int each) {
    List<PlannedClaim> forged = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      DemoEscrow escrow = registered.get(i % registered.size());
      forged.addAll(onEscrow(escrow, script));
      Claim unknown = winner(unregistered.get(i), script);
      forged.add(PlannedClaim.of(unknown, AnswerCode.UNKNOWN_ESCROW));
    }
    return forged;
  }

  private List<PlannedClaim> onEscrow(DemoEscrow escrow, PayoutScript script) {
    Terms terms = escrow.terms();
    Claim good = winner(escrow, script);
    byte[] cut = Arrays.copyOf(good.encode(), ClaimLayout.MIN_LENGTH - 1);
    return List.of(
        PlannedClaim.of(
            signed(good, strangers(good).sigTicket(), good.sigSpend()),
            AnswerCode.BAD_TICKET_SIGNATURE),
        PlannedClaim.of(
            signed(good, good.sigTicket(), strangers(good).sigSpend()),
            AnswerCode.BAD_SPEND_SIGNATURE),
        PlannedClaim.of(reopened(loser(escrow, script)), AnswerCode.WRONG_OPENING),
        PlannedClaim.of(loser(escrow, script), AnswerCode.LOSING_TICKET),
        PlannedClaim.of(stale(escrow, script), AnswerCode.EXPIRED),
        PlannedClaim.of(
            winner(escrow, elsewhere(terms, Network.MAINNET.magic(), terms.vtsKey()), script),
            AnswerCode.WRONG_NETWORK),
        PlannedClaim.of(
            winner(
                escrow,
                elsewhere(terms, terms.network(), PublicKey.of(stranger.publicKey())),
                script),
            AnswerCode.WRONG_VTS_KEY),
        PlannedClaim.of(winner(escrow, better(terms), script), AnswerCode.TERMS_MISMATCH),
        PlannedClaim.malformed(highS(good), AnswerCode.NON_CANONICAL_SIGNATURE),
        PlannedClaim.malformed(cut, AnswerCode.MALFORMED));
  }

  /** A ticket whose shares are equal wins at any odds. */
  private Claim winner(DemoEscrow escrow, PayoutScript script) {
    return winner(escrow, escrow.terms(), script);
  }

  private Claim winner(DemoEscrow escrow, Terms terms, PayoutScript script) {
    Opening opening = opening();
    long expiry = Market.nowSeconds() + Market.EXPIRY_SECONDS;
    return claim(escrow.key(), terms, opening, opening.r1(), script, expiry);
  }

  /** One whose shares differ in every bit loses at any odds above 1. */
  private Claim loser(DemoEscrow escrow, PayoutScript script) {
    Opening opening = opening();
    byte[] r2 = opening.r1().toArray();
    for (int i = 0; i < r2.length; i++) {
      r2[i] = (byte) ~r2[i];
    }
    long expiry = Market.nowSeconds() + Market.EXPIRY_SECONDS;
    return claim(escrow.key(), escrow.terms(), opening, Bytes16.of(r2), script, expiry);
  }

  private Claim stale(DemoEscrow escrow, PayoutScript script) {
    Opening opening = opening();
    long expiry = Market.nowSeconds() - STALE_SECONDS;
    return claim(escrow.key(), escrow.terms(), opening, opening.r1(), script, expiry);
  }

  private static Claim claim(
      SecretKey key, Terms terms, Opening opening, Bytes16 r2, PayoutScript script, long expiry) {
    Ask ask = new Ask(opening.commitment(), script);
    Ticket ticket = TicketSigner.ticket(key, terms, ask, r2, expiry);
    return Claim.of(terms, ticket, opening);
  }

  private Opening opening() {
    return new Opening(bytes16(), bytes16());
  }

  private Bytes16 bytes16() {
    byte[] bytes = new byte[Bytes16.LENGTH];
    random.nextBytes(bytes);
    return Bytes16.of(bytes);
  }

  /** The same claim with both signatures by somebody else. */
  private Claim strangers(Claim claim) {
    Ask ask = new Ask(claim.commitment(), claim.payoutScript());
    Ticket ticket = TicketSigner.ticket(stranger, claim.terms(), ask, claim.r2(), claim.expiry());
    return signed(claim, ticket.sigTicket(), ticket.sigSpend());
  }

  private static Claim signed(Claim claim, CompactSignature ticket, CompactSignature spend) {
    return new Claim(
        claim.terms(),
        claim.commitment(),
        claim.opening(),
        claim.r2(),
        claim.expiry(),
        claim.payoutScript(),
        ticket,
        spend);
  }

  /** A loser's opening exchanged for one that would win. */
  private Claim reopened(Claim loser) {
    return new Claim(
        loser.terms(),
        loser.commitment(),
        new Opening(loser.r2(), bytes16()),
        loser.r2(),
        loser.expiry(),
        loser.payoutScript(),
        loser.sigTicket(),
        loser.sigSpend());
  }

  private static Terms elsewhere(Terms terms, int network, PublicKey vtsKey) {
    return new Terms(
        network,
        terms.outpoint(),
        terms.value(),
        terms.payout(),
        terms.odds(),
        terms.refundHeight(),
        terms.buyerKey(),
        vtsKey);
  }

  /** Odds at which every ticket wins: they stand in the terms, but not in the escrow's script. */
  private static Terms better(Terms terms) {
    return new Terms(
        terms.network(),
        terms.outpoint(),
        terms.value(),
        terms.payout(),
        1,
        terms.refundHeight(),
        terms.buyerKey(),
        terms.vtsKey());
  }

  /** The other s of the same signature: valid to the mathematics, malleable to the chain. */
  private static byte[] highS(Claim claim) {
    byte[] bytes = claim.encode();
    int s = bytes.length - CompactSignature.LENGTH / 2;
    BigInteger low = new BigInteger(1, Arrays.copyOfRange(bytes, s, bytes.length));
    byte[] high = HexFormat.of().parseHex("%064x".formatted(GROUP_ORDER.subtract(low)));
    System.arraycopy(high, 0, bytes, s, high.length);
    return bytes;
  }

  /** The registration of an escrow by somebody who only knows the buyer's public key. */
  Registration squatted(Terms terms) {
    return TicketSigner.registration(stranger, better(terms), Optional.empty());
  }

  /** The buyer's own second registration of the same outpoint, with other odds. */
  Registration reregistered(DemoEscrow escrow) {
    return TicketSigner.registration(escrow.key(), better(escrow.terms()), Optional.empty());
  }

  /** The buyer's registration of more satoshi than the output holds. */
  Registration inflated(DemoEscrow escrow) {
    Terms terms = escrow.terms();
    Terms more =
        new Terms(
            terms.network(),
            terms.outpoint(),
            terms.value() + 1,
            terms.payout(),
            terms.odds(),
            terms.refundHeight(),
            terms.buyerKey(),
            terms.vtsKey());
    return TicketSigner.registration(escrow.key(), more, Optional.empty());
  }

  @Override
  public void close() {
    stranger.close();
  }
}
