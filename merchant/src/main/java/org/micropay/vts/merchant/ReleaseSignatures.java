package org.micropay.vts.merchant;

import java.util.LinkedHashMap;
import java.util.Map;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;

/**
 * What is the same in every ticket that one escrow pays one merchant with: the digest of the
 * release, and the signature over it once it was found valid. The terms digest fixes all terms, the
 * merchant's script is one, so the release is one; and a deterministic signer (RFC 6979) signs it
 * with the same bytes each time. Equal digest, key and signature bytes have an equal verdict, so
 * what is remembered needs no second verification and can never become wrong.
 *
 * <p>The escrows least recently paid with are forgotten, about 450 bytes each. One thread.
 */
final class ReleaseSignatures {
  private static final int ESCROWS = 16_384;

  private final PayoutScript payoutScript;
  private final Map<Bytes32, Release> releases =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Bytes32, Release> eldest) {
          return size() > ESCROWS;
        }
      };

  /** The release of one escrow to this merchant. */
  static final class Release {
    private final Terms terms;
    private final byte[] digest;
    private CompactSignature valid;

    private Release(Terms terms, byte[] digest) {
      this.terms = terms;
      this.digest = digest;
    }

    /** What sigSpend signs, 32 bytes; not to be changed. */
    byte[] digest() {
      return digest;
    }

    /** Whether exactly this signature was found valid before. */
    boolean isKnown(CompactSignature signature) {
      return signature.equals(valid);
    }

    /** It was found valid. */
    void remember(CompactSignature signature) {
      valid = signature;
    }
  }

  ReleaseSignatures(PayoutScript payoutScript) {
    this.payoutScript = payoutScript;
  }

  /**
   * The release of the escrow that a ticket names.
   *
   * @return null when these are not the terms that have this digest
   */
  Release of(Bytes32 termsDigest, Terms terms) {
    Release known = releases.get(termsDigest);
    if (known != null && known.terms.equals(terms)) {
      return known;
    }
    if (!terms.digest().equals(termsDigest)) {
      return null;
    }
    Release release =
        new Release(terms, SpendTemplate.release(terms, payoutScript).digest().toArray());
    releases.put(termsDigest, release);
    return release;
  }
}
