package org.micropay.vts.merchant;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

/**
 * A VTS in memory for tests of buyers and merchants: knows escrows that were registered with it,
 * grants the first claim on each, and can be told to fail.
 */
final class Exchange implements EscrowSource, ClaimSink {
  static final URI URL = URI.create("http://127.0.0.1:8480");
  static final PayoutScript SCRIPT = PayoutScript.fromHex("0014" + "ab".repeat(20));

  final SecretKey key = SecretKey.generate();
  final PublicKey publicKey = PublicKey.of(key.publicKey());
  final Map<Bytes32, EscrowFacts> escrows = new ConcurrentHashMap<>();
  final Map<Bytes32, Bytes32> grants = new ConcurrentHashMap<>();
  final AtomicInteger lookups = new AtomicInteger();
  final AtomicInteger claims = new AtomicInteger();
  volatile boolean down;
  volatile boolean claimsDown;

  MerchantConfig config() {
    return MerchantConfig.of(Network.REGTEST, URL, publicKey, SCRIPT);
  }

  Merchant merchant(Path folder) {
    return merchant(folder, config());
  }

  Merchant merchant(Path folder, MerchantConfig config) {
    return Merchant.open(folder, config, this, this, Kernels.select(Kernels.AUTO), problem -> {});
  }

  BuyerWallet wallet(Path folder) {
    return BuyerWallet.create(folder, Network.REGTEST, URL, publicKey);
  }

  /** Drafts, "funds" and registers an escrow of this wallet. */
  Terms escrow(BuyerWallet wallet, long payout, int odds) {
    WalletEscrow draft = wallet.draft(payout + 1_000, payout, odds, 10_000);
    Outpoint outpoint = new Outpoint(Bytes32.fromHex("cd".repeat(32)), (int) draft.index());
    Terms terms = wallet.funded(draft.index(), outpoint).decodedTerms().orElseThrow();
    register(terms, EscrowState.LIVE);
    wallet.markRegistered(draft.index());
    return terms;
  }

  void register(Terms terms, EscrowState state) {
    escrows.put(
        terms.digest(), new EscrowFacts(Optional.of(terms), state, 6, 100, Optional.empty()));
  }

  @Override
  public CompletableFuture<EscrowFacts> lookup(Bytes32 termsDigest) {
    lookups.incrementAndGet();
    return down
        ? CompletableFuture.failedFuture(new VtsException("down"))
        : CompletableFuture.completedFuture(
            escrows.getOrDefault(termsDigest, EscrowFacts.unknown()));
  }

  @Override
  public ClaimReply claim(Claim claim) {
    claims.incrementAndGet();
    if (down || claimsDown) {
      throw new VtsException("down");
    }
    Bytes32 terms = claim.terms().digest();
    Bytes32 granted = grants.putIfAbsent(terms, claim.id());
    if (granted != null && !granted.equals(claim.id())) {
      return new ClaimReply(AnswerCode.DOUBLE_SPEND, claim.id(), 2, Optional.empty(), 0);
    }
    escrows.computeIfPresent(terms, (k, facts) -> facts.granted());
    byte[] signature = Ecdsa.sign(key, claim.spendTemplate().digest().toArray());
    return new ClaimReply(
        AnswerCode.GRANTED, claim.id(), 1, Optional.of(CompactSignature.of(signature)), 0);
  }
}
