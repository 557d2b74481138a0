package org.micropay.vts.ledger;

import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.ticket.TaggedHash;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.TermsLayout;

/**
 * Rebuilds canonical terms, and their digest, from an escrow's core and the policy's network and
 * key. Belongs to one thread; allocation-free in steady state.
 */
final class TermsHasher {
  private static final int TERMS = TaggedHash.PREFIX_LENGTH;

  private final Sha256 sha256 = new Sha256();
  private final byte[] input = new byte[TERMS + TermsLayout.LENGTH];
  private final byte[] digest = new byte[Sha256.LENGTH];

  TermsHasher(LedgerPolicy policy) {
    TaggedHash.TERMS.copyPrefixTo(input, 0);
    for (int i = 0; i < Integer.BYTES; i++) {
      input[TERMS + TermsLayout.NETWORK + i] = (byte) (policy.network() >>> (8 * i));
    }
    policy.vtsKey().copyTo(input, TERMS + TermsLayout.VTS_KEY);
  }

  /** The array whose bytes from {@link #coreOffset} on are the core; fill it, then ask. */
  byte[] buffer() {
    return input;
  }

  int coreOffset() {
    return TERMS + EscrowTable.CORE_IN_TERMS;
  }

  int buyerKeyOffset() {
    return TERMS + TermsLayout.BUYER_KEY;
  }

  int vtsKeyOffset() {
    return TERMS + TermsLayout.VTS_KEY;
  }

  /** The digest of the terms with this core, 32 bytes, valid until the next call. */
  byte[] digest() {
    sha256.hash(input, 0, input.length, digest, 0);
    return digest;
  }

  /** The terms with this core as a value. */
  Terms terms() {
    return Terms.copyOf(input, TERMS);
  }

  static {
    // Core and key, with the network before them, are all of the terms, without a gap.
    if (EscrowTable.CORE_IN_TERMS + EscrowTable.CORE_LENGTH != TermsLayout.VTS_KEY
        || TermsLayout.VTS_KEY + PublicKey.LENGTH != TermsLayout.LENGTH) {
      throw new IllegalStateException("the terms' layout is not the one that entries rely on");
    }
  }
}
