package org.micropay.vts.experiments;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.ClaimSink;
import org.micropay.vts.merchant.EscrowFacts;
import org.micropay.vts.merchant.EscrowSource;
import org.micropay.vts.merchant.EscrowState;
import org.micropay.vts.secp256k1.BatchSigner;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;

/**
 * The VTS behind the experiment's merchant, from memory: every escrow of the seed is live, every
 * claim granted, and the counter-signatures are made before anything is measured, because they are
 * the VTS's work and not the web server's. Immutable; any thread.
 */
final class SampleVts implements EscrowSource, ClaimSink {
  private static final int CONFIRMATIONS = 6;
  private static final int TIP = 100;

  private final PublicKey key;
  private final Map<Bytes32, Escrow> escrows;

  private record Escrow(EscrowFacts facts, CompactSignature counterSignature) {}

  private SampleVts(PublicKey key, Map<Bytes32, Escrow> escrows) {
    this.key = key;
    this.escrows = escrows;
  }

  /** With so many escrows of this seed's buyers, all of which pay {@link Sample#PAYOUT}. */
  static SampleVts of(long seed, int count, Kernel kernel) {
    byte[][] buyers = new byte[Sample.BUYERS][];
    for (int i = 0; i < buyers.length; i++) {
      try (SecretKey buyer = Sample.key("buyer", seed, i)) {
        buyers[i] = buyer.publicKey();
      }
    }
    try (SecretKey secret = Sample.key("vts", seed, 0)) {
      byte[] publicKey = secret.publicKey();
      Terms[] terms = new Terms[count];
      for (int i = 0; i < count; i++) {
        terms[i] = Sample.terms(buyers[i % buyers.length], publicKey, i, Sample.ODDS);
      }
      CompactSignature[] signatures = sign(terms, secret, kernel);
      Map<Bytes32, Escrow> escrows = HashMap.newHashMap(count);
      for (int i = 0; i < count; i++) {
        EscrowFacts facts =
            new EscrowFacts(
                Optional.of(terms[i]), EscrowState.LIVE, CONFIRMATIONS, TIP, Optional.empty());
        escrows.put(terms[i].digest(), new Escrow(facts, signatures[i]));
      }
      return new SampleVts(PublicKey.of(publicKey), escrows);
    }
  }

  private static CompactSignature[] sign(Terms[] terms, SecretKey secret, Kernel kernel) {
    CompactSignature[] made = new CompactSignature[terms.length];
    try (Arena arena = Arena.ofConfined();
        BatchSigner signer = kernel.newSigner(secret)) {
      MemorySegment digests = arena.allocate((long) terms.length * Ecdsa.DIGEST_BYTES, 64);
      MemorySegment signatures = arena.allocate((long) terms.length * Ecdsa.SIGNATURE_BYTES, 64);
      MemorySegment verdicts = arena.allocate(terms.length, 64);
      for (int i = 0; i < terms.length; i++) {
        byte[] digest = SpendTemplate.release(terms[i], Sample.PAYOUT).digest().toArray();
        MemorySegment.copy(
            digest, 0, digests, ValueLayout.JAVA_BYTE, (long) i * digest.length, digest.length);
      }
      signer.sign(digests, signatures, verdicts, terms.length);
      for (int i = 0; i < terms.length; i++) {
        made[i] =
            CompactSignature.of(
                signatures
                    .asSlice((long) i * Ecdsa.SIGNATURE_BYTES, Ecdsa.SIGNATURE_BYTES)
                    .toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return made;
  }

  /** The key that counter-signs. */
  PublicKey key() {
    return key;
  }

  @Override
  public CompletableFuture<EscrowFacts> lookup(Bytes32 termsDigest) {
    Escrow escrow = escrows.get(termsDigest);
    return CompletableFuture.completedFuture(escrow == null ? EscrowFacts.unknown() : escrow.facts);
  }

  @Override
  public ClaimReply claim(Claim claim) {
    Escrow escrow = escrows.get(claim.terms().digest());
    return new ClaimReply(
        AnswerCode.GRANTED, claim.id(), 1, Optional.of(escrow.counterSignature), 0);
  }
}
