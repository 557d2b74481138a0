package org.micropay.vts.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.micropay.vts.settlement.DevChain;
import org.micropay.vts.settlement.FeeRate;
import org.micropay.vts.settlement.Payment;
import org.micropay.vts.settlement.RefundTransaction;
import org.micropay.vts.settlement.ReleaseTransaction;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/**
 * Buyers with escrows on the chain, merchants with claims on them, honest and other. One thread.
 */
final class Market {
  private static final long VALUE = 100_000;
  private static final long PAYOUT = 95_000;
  private static final int SURE_WIN = 1;
  private static final int SURE_LOSS = Integer.MAX_VALUE;
  private static final int PEOPLE = 16;
  private static final long LIFETIME_SECONDS = 90L * 86_400;
  private static final int FAR = 5_000;

  private final SplittableRandom random;
  private final DevChain chain;
  private final CryptoSuite crypto;
  private final Keys vts;
  private final List<Keys> buyers = new ArrayList<>();
  private final List<PayoutScript> merchants = new ArrayList<>();
  private final List<SimulatedEscrow> escrows = new ArrayList<>();
  private final List<SimulatedEscrow> fresh = new ArrayList<>();
  private final List<Intent> intents = new ArrayList<>();

  Market(SplittableRandom random, DevChain chain, CryptoSuite crypto, Keys vts) {
    this.random = random;
    this.chain = chain;
    this.crypto = crypto;
    this.vts = vts;
    for (int i = 0; i < PEOPLE; i++) {
      buyers.add(Keys.named("simulated buyer " + i));
      merchants.add(Keys.named("simulated merchant " + i).p2wpkh());
    }
  }

  List<SimulatedEscrow> escrows() {
    return escrows;
  }

  List<Intent> intents() {
    return intents;
  }

  /** Buyers fund escrows; the next block confirms them. */
  void fund(int count) {
    int tip = chain.chain().tip().height();
    List<Keys> keys = new ArrayList<>();
    List<Integer> refunds = new ArrayList<>();
    List<Payment> payments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(buyers.get(random.nextInt(PEOPLE)));
      refunds.add(tip + (random.nextInt(12) == 0 ? 12 + random.nextInt(20) : FAR));
      payments.add(
          new Payment(
              EscrowScript.of(keys.get(i).publicKey(), vts.publicKey(), refunds.get(i))
                  .scriptPubKey()
                  .toArray(),
              VALUE));
    }
    List<Outpoint> outpoints = chain.fund(payments);
    for (int i = 0; i < count; i++) {
      int odds = random.nextInt(30) == 0 ? SURE_LOSS : SURE_WIN;
      SimulatedEscrow escrow =
          new SimulatedEscrow(
              terms(outpoints.get(i), odds, refunds.get(i), keys.get(i), PAYOUT), keys.get(i));
      escrows.add(escrow);
      fresh.add(escrow);
    }
  }

  private Terms terms(Outpoint outpoint, int odds, int refundHeight, Keys buyer, long payout) {
    return new Terms(
        Network.REGTEST.magic(),
        outpoint,
        VALUE,
        payout,
        odds,
        refundHeight,
        buyer.publicKey(),
        vts.publicKey());
  }

  /** Escrows that nobody has claimed on yet. */
  int freshEscrows() {
    return fresh.size();
  }

  /** A client has a claim; what kind of claim is drawn. */
  Intent newIntent(int client, long nowSeconds) {
    int dice = random.nextInt(100);
    Intent intent;
    if (dice < 12 && !intents.isEmpty()) {
      intent = repeat(client);
    } else if (dice < 26 && escrows.size() > fresh.size()) {
      intent = again(client, nowSeconds);
    } else {
      intent = first(client, nowSeconds, dice);
    }
    intents.add(intent);
    return intent;
  }

  /** Another client's claim, or one's own, as it was. */
  private Intent repeat(int client) {
    Intent other = intents.get(random.nextInt(intents.size()));
    return new Intent(
        intents.size(), client, other.bytes(), other.outpoint(), other.claim().orElse(null));
  }

  /** One more winning ticket on an escrow that has been claimed on. */
  private Intent again(int client, long nowSeconds) {
    SimulatedEscrow escrow = escrows.get(random.nextInt(escrows.size()));
    return intent(client, claim(escrow, escrow.terms, nowSeconds + LIFETIME_SECONDS), false);
  }

  private Intent first(int client, long nowSeconds, int dice) {
    SimulatedEscrow escrow =
        fresh.isEmpty()
            ? escrows.get(random.nextInt(escrows.size()))
            : fresh.remove(random.nextInt(fresh.size()));
    Terms terms = escrow.terms;
    long expiry = nowSeconds + LIFETIME_SECONDS;
    if (dice >= 96) {
      terms = otherTerms(escrow);
    } else if (dice >= 93) {
      expiry = nowSeconds - 60 + random.nextInt(120);
    }
    return intent(client, claim(escrow, terms, expiry), dice >= 85 && dice < 93);
  }

  /** The same output under terms that its buyer never registered. */
  Terms otherTerms(SimulatedEscrow escrow) {
    Terms terms = escrow.terms;
    return terms(terms.outpoint(), SURE_WIN, terms.refundHeight(), escrow.buyer, PAYOUT - 1_000);
  }

  private Intent intent(int client, Claim claim, boolean spoiled) {
    byte[] bytes = claim.encode();
    Outpoint outpoint = claim.terms().outpoint();
    if (!spoiled) {
      return new Intent(intents.size(), client, bytes, outpoint, claim);
    }
    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    return new Intent(intents.size(), client, bytes, outpoint, null);
  }

  private Claim claim(SimulatedEscrow escrow, Terms terms, long expiry) {
    escrow.claims++;
    Opening opening = new Opening(bytes16(), bytes16());
    Bytes16 r2 = bytes16();
    PayoutScript payout = merchants.get(random.nextInt(PEOPLE));
    Bytes32 ticket = Ticket.digest(terms.digest(), opening.commitment(), r2, expiry, payout);
    CompactSignature sigTicket = crypto.sign(escrow.buyer, ticket);
    CompactSignature sigSpend =
        crypto.sign(escrow.buyer, SpendTemplate.release(terms, payout).digest());
    return new Claim(terms, opening.commitment(), opening, r2, expiry, payout, sigTicket, sigSpend);
  }

  private Bytes16 bytes16() {
    byte[] bytes = new byte[Bytes16.LENGTH];
    random.nextBytes(bytes);
    return Bytes16.of(bytes);
  }

  /** Buyers whose refund height has come take back what they can. */
  void refund() {
    int tip = chain.chain().tip().height();
    for (SimulatedEscrow escrow : escrows) {
      if (escrow.terms.refundHeight() <= tip && random.nextInt(3) == 0) {
        chain
            .chain()
            .broadcast(
                RefundTransaction.of(
                    escrow.terms, escrow.buyer.p2wpkh(), new FeeRate(3_000), escrow.buyer::sign));
      }
    }
  }

  /** A merchant sends the release of its own claim, by the receipt that it holds. */
  void release(Answer receipt) {
    receipt
        .intent()
        .claim()
        .ifPresent(
            claim ->
                chain
                    .chain()
                    .broadcast(
                        ReleaseTransaction.of(claim, CompactSignature.of(receipt.signature()))));
  }
}
