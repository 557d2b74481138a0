package org.micropay.vts.proxy;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.ClaimSink;
import org.micropay.vts.merchant.EscrowFacts;
import org.micropay.vts.merchant.EscrowSource;
import org.micropay.vts.merchant.EscrowState;
import org.micropay.vts.merchant.WalletEscrow;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

/** A VTS in memory: knows the escrows that tests register, grants the first claim on each. */
final class MemoryVts implements EscrowSource, ClaimSink {
  static final URI URL = URI.create("http://127.0.0.1:8480");

  final SecretKey key = SecretKey.generate();
  final PublicKey publicKey = PublicKey.of(key.publicKey());
  final Map<Bytes32, EscrowFacts> escrows = new ConcurrentHashMap<>();
  final Map<Bytes32, Bytes32> grants = new ConcurrentHashMap<>();

  Terms escrow(BuyerWallet wallet, long payout, int odds) {
    WalletEscrow draft = wallet.draft(payout + 1_000, payout, odds, 10_000);
    Outpoint outpoint =
        new Outpoint(
            Bytes32.of(java.util.Arrays.copyOf(PublicKey.fromHex(draft.buyerKey()).toArray(), 32)),
            (int) draft.index());
    Terms terms = wallet.funded(draft.index(), outpoint).decodedTerms().orElseThrow();
    escrows.put(
        terms.digest(),
        new EscrowFacts(Optional.of(terms), EscrowState.LIVE, 6, 100, Optional.empty()));
    wallet.markRegistered(draft.index());
    return terms;
  }

  void setState(Terms terms, EscrowState state) {
    escrows.put(
        terms.digest(), new EscrowFacts(Optional.of(terms), state, 6, 100, Optional.empty()));
  }

  @Override
  public CompletableFuture<EscrowFacts> lookup(Bytes32 termsDigest) {
    return CompletableFuture.completedFuture(
        escrows.getOrDefault(termsDigest, EscrowFacts.unknown()));
  }

  @Override
  public ClaimReply claim(Claim claim) {
    Bytes32 granted = grants.putIfAbsent(claim.terms().digest(), claim.id());
    if (granted != null && !granted.equals(claim.id())) {
      return new ClaimReply(AnswerCode.DOUBLE_SPEND, claim.id(), 2, Optional.empty(), 0);
    }
    byte[] signature = Ecdsa.sign(key, claim.spendTemplate().digest().toArray());
    return new ClaimReply(
        AnswerCode.GRANTED, claim.id(), 1, Optional.of(CompactSignature.of(signature)), 0);
  }
}
