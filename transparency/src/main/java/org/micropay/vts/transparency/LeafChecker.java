package org.micropay.vts.transparency;

import java.util.Optional;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimDigester;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.PublicKey;

/**
 * Everything that public data says about the leaves of a log but the signatures, in their order:
 * form, order, claim, claim id, opening, win, expiry, no escrow granted twice, each proof behind
 * its grant. One thread.
 */
public final class LeafChecker {
  private static final long MILLIS = 1000;

  private final ClaimDigester digester = new ClaimDigester();
  private final GrantBook book = new GrantBook();
  private final byte[] termsDigest = new byte[Bytes32.LENGTH];
  private final byte[] claimId = new byte[Bytes32.LENGTH];
  private PublicKey vtsKey;
  private int network;
  private boolean networkKnown;
  private long lastPosition;
  private long lastTime;

  /**
   * A checker for one log, from its first leaf on.
   *
   * @param vtsKey the VTS whose log it is; empty: that of the first leaf, for all
   */
  public LeafChecker(Optional<PublicKey> vtsKey) {
    this.vtsKey = vtsKey.orElse(null);
  }

  /** The next leaf; empty when nothing is wrong with it. */
  public Optional<Finding> check(long index, LeafView leaf) {
    if (!leaf.hasForm()) {
      return found(Finding.Code.BAD_LEAF, index, "%d bytes that are no leaf", leaf.length());
    }
    if (leaf.position() <= lastPosition || leaf.timeMillis() < lastTime) {
      return found(
          Finding.Code.OUT_OF_ORDER,
          index,
          "position %d, time %d behind position %d, time %d",
          leaf.position(),
          leaf.timeMillis(),
          lastPosition,
          lastTime);
    }
    lastPosition = leaf.position();
    lastTime = leaf.timeMillis();
    return claim(index, leaf);
  }

  private Optional<Finding> claim(long index, LeafView leaf) {
    ClaimView claim = leaf.claim();
    int objection = claim.checkWellFormed();
    if (objection != 0) {
      return found(
          Finding.Code.BAD_CLAIM, index, "the claim is %s", AnswerCode.ofNumber(objection));
    }
    if (!isOurs(claim)) {
      return found(
          Finding.Code.FOREIGN_CLAIM,
          index,
          "network %08x, VTS key %s",
          Integer.reverseBytes(claim.network()),
          PublicKey.copyOf(claim.buffer(), claim.vtsKeyOffset()));
    }
    digester.termsDigest(claim, termsDigest, 0);
    digester.claimId(claim, termsDigest, 0, claimId, 0);
    if (!leaf.claimId().equalsAt(claimId, 0)) {
      return found(
          Finding.Code.WRONG_CLAIM_ID,
          index,
          "it says %s, the claim has %s",
          leaf.claimId(),
          Bytes32.copyOf(claimId, 0));
    }
    if (leaf.timeMillis() > claim.expiry() * MILLIS) {
      return found(
          Finding.Code.EXPIRED,
          index,
          "decided at %d ms, the ticket expired at %d s",
          leaf.timeMillis(),
          claim.expiry());
    }
    if (!digester.commitmentOpens(claim)) {
      return found(Finding.Code.WRONG_OPENING, index, "claim %s", leaf.claimId());
    }
    if (!claim.wins()) {
      return found(
          Finding.Code.LOSING_TICKET, index, "claim %s at 1/%d", leaf.claimId(), claim.odds());
    }
    Finding.Code wrong = book.add(leaf);
    return wrong == null
        ? Optional.empty()
        : found(
            wrong,
            index,
            "claim %s at position %d, grant at %d",
            leaf.claimId(),
            leaf.position(),
            leaf.grantPosition());
  }

  private boolean isOurs(ClaimView claim) {
    if (vtsKey == null) {
      vtsKey = PublicKey.copyOf(claim.buffer(), claim.vtsKeyOffset());
    }
    if (!networkKnown) {
      network = claim.network();
      networkKnown = true;
    }
    return claim.network() == network && vtsKey.equalsAt(claim.buffer(), claim.vtsKeyOffset());
  }

  private static Optional<Finding> found(
      Finding.Code code, long index, String detail, Object... values) {
    return Optional.of(new Finding(code, index, detail.formatted(values)));
  }

  /** The VTS whose log it is; empty before the first leaf when none was named. */
  public Optional<PublicKey> vtsKey() {
    return Optional.ofNullable(vtsKey);
  }

  /** Escrows granted so far. */
  public int grants() {
    return book.grants();
  }

  /** Double-spends proven so far. */
  public int doubleSpends() {
    return book.doubleSpends();
  }
}
