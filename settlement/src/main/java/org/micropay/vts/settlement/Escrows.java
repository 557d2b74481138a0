package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
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

/**
 * Buyers, merchants and the VTS as settlement sees them, for scenarios and tests: real escrows,
 * real signatures, keys that everyone knows.
 */
final class Escrows {
  static final long VALUE = 100_000;
  static final long PAYOUT = 99_800;
  static final Keys VTS = Keys.named("vts");
  static final Keys FEE = Keys.named("fee wallet");

  /** An escrow on the chain with the keys of its buyer. */
  record Escrow(Terms terms, Keys buyer) {
    Claim claim(PayoutScript payoutScript) {
      Opening opening = new Opening(Bytes16.of(new byte[16]), Bytes16.of(new byte[16]));
      CompactSignature spend = buyer.sign(SpendTemplate.release(terms, payoutScript).digest());
      return new Claim(
          terms,
          Bytes32.ZERO,
          opening,
          Bytes16.of(new byte[16]),
          4_000_000_000L,
          payoutScript,
          spend,
          spend);
    }

    Grant grant(long position, PayoutScript payoutScript) {
      Claim claim = claim(payoutScript);
      return new Grant(position, claim, VTS.sign(claim.spendTemplate().digest()));
    }
  }

  /** A granted claim. */
  record Grant(long position, Claim claim, CompactSignature counterSignature) {
    ReleasePair pair() {
      return ReleasePair.of(position, claim, counterSignature);
    }
  }

  private final DevChain dev;
  private final Function<List<Payment>, List<Outpoint>> funder;
  private int made;

  Escrows(DevChain dev) {
    this(dev, dev::fund);
  }

  /** Escrows that somebody else than the chain's own wallet pays for. */
  Escrows(DevChain dev, Function<List<Payment>, List<Outpoint>> funder) {
    this.dev = dev;
    this.funder = funder;
  }

  /** Funds escrows without confirming them. */
  List<Escrow> make(int count, int refundHeight) {
    return make(count, refundHeight, VALUE, PAYOUT);
  }

  List<Escrow> make(int count, int refundHeight, long value, long payout) {
    List<Keys> buyers = new ArrayList<>();
    List<Payment> payments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Keys buyer = Keys.named("buyer " + made++ + " of " + dev.chain().tip());
      buyers.add(buyer);
      payments.add(
          new Payment(
              EscrowScript.of(buyer.publicKey(), VTS.publicKey(), refundHeight)
                  .scriptPubKey()
                  .toArray(),
              value));
    }
    List<Outpoint> outpoints = funder.apply(payments);
    List<Escrow> escrows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Terms terms =
          new Terms(
              Network.REGTEST.magic(),
              outpoints.get(i),
              value,
              payout,
              100,
              refundHeight,
              buyers.get(i).publicKey(),
              VTS.publicKey());
      escrows.add(new Escrow(terms, buyers.get(i)));
    }
    return escrows;
  }

  /** Grants on escrows, each to a merchant of its own, positions from 1. */
  static List<Grant> grants(List<Escrow> escrows) {
    List<Grant> grants = new ArrayList<>();
    for (int i = 0; i < escrows.size(); i++) {
      grants.add(escrows.get(i).grant(i + 1, Keys.named("merchant " + i).p2wpkh()));
    }
    return grants;
  }

  static List<ReleasePair> pairs(List<Escrow> escrows) {
    return grants(escrows).stream().map(Grant::pair).toList();
  }
}
