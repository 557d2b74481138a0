package org.micropay.vts.ticket;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All that shows that a buyer spent one escrow on two winning tickets, and what the VTS did about
 * it. Self-contained: {@link #check} needs nothing but a verifier of signatures. Immutable; any
 * thread.
 *
 * <p>The buyer's guilt rests on his own signatures alone. Positions and times are the VTS's word,
 * to be compared with its journal or its log.
 *
 * @param registration what the buyer registered, with the deposit if there is one
 * @param registrationPosition journal record of it
 * @param grant the claim that was granted
 * @param counterSignature the VTS's signature over the release of that claim; left out while the
 *     escrow is unspent, because with it anyone could broadcast the pair and take its fee allowance
 * @param second the other claim
 * @param burnSignature the VTS's signature over the burn of the deposit, once it was made
 */
public record DoubleSpendEvidence(
    Registration registration,
    long registrationPosition,
    Decided grant,
    Optional<CompactSignature> counterSignature,
    Decided second,
    Optional<CompactSignature> burnSignature) {

  /**
   * A claim and the journal record that decided it.
   *
   * @param claim the whole claim
   * @param position of the record
   * @param timeMillis the ledger's clock at the decision, Unix milliseconds
   */
  public record Decided(Claim claim, long position, long timeMillis) {
    /** Checks that the claim is there. */
    public Decided {
      Objects.requireNonNull(claim);
    }
  }

  /** Verifies an ECDSA signature over a 32-byte digest; false for a key off the curve. */
  @FunctionalInterface
  public interface SignatureCheck {
    /** Whether {@code signature} is valid. */
    boolean isValid(Bytes32 digest, CompactSignature signature, PublicKey key);
  }

  /**
   * One step of the check.
   *
   * @param check what is asked, a stable name
   * @param passed the answer
   * @param detail the values that it is about
   */
  public record Finding(String check, boolean passed, String detail) {}

  /** Checks that the parts are there. */
  public DoubleSpendEvidence {
    Objects.requireNonNull(registration);
    Objects.requireNonNull(grant);
    Objects.requireNonNull(counterSignature);
    Objects.requireNonNull(second);
    Objects.requireNonNull(burnSignature);
  }

  /** The terms of the escrow that was spent twice. */
  public Terms terms() {
    return registration.terms();
  }

  /** The receipt of the double-spend. */
  public Receipt secondReceipt() {
    return new Receipt(
        second.claim().id(), AnswerCode.DOUBLE_SPEND, second.position(), Optional.empty());
  }

  /** The receipt of the grant, when its counter-signature is here. */
  public Optional<Receipt> grantReceipt() {
    return counterSignature.map(
        signature ->
            new Receipt(
                grant.claim().id(), AnswerCode.GRANTED, grant.position(), Optional.of(signature)));
  }

  /**
   * Every step, in a fixed order. It is a proof exactly when all passed.
   *
   * @param signatures the verifier
   */
  public List<Finding> check(SignatureCheck signatures) {
    List<Finding> findings = new ArrayList<>();
    Terms terms = terms();
    add(
        findings,
        "network",
        Network.ofMagic(terms.network()).isPresent(),
        "magic %08x",
        Integer.reverseBytes(terms.network()));
    add(
        findings,
        "order",
        registrationPosition >= 1
            && grant.position() > registrationPosition
            && second.position() > grant.position()
            && second.timeMillis() >= grant.timeMillis(),
        "registration %d, grant %d, double-spend %d",
        registrationPosition,
        grant.position(),
        second.position());
    add(
        findings,
        "registration signature",
        signatures.isValid(registration.digest(), registration.sigTerms(), terms.buyerKey()),
        "by %s",
        terms.buyerKey());
    claim(findings, "granted claim", grant, signatures);
    claim(findings, "second claim", second, signatures);
    Bytes32 first = grant.claim().ticket().digest();
    Bytes32 other = second.claim().ticket().digest();
    add(findings, "two different tickets", !first.equals(other), "%s and %s", first, other);
    counterSignature.ifPresent(
        signature ->
            add(
                findings,
                "counter-signature",
                signatures.isValid(
                    grant.claim().spendTemplate().digest(), signature, terms.vtsKey()),
                "by %s",
                terms.vtsKey()));
    deposit(findings, signatures);
    return findings;
  }

  private void claim(
      List<Finding> findings, String name, Decided decided, SignatureCheck signatures) {
    Claim claim = decided.claim();
    PublicKey buyer = terms().buyerKey();
    add(
        findings,
        name + ": terms",
        claim.terms().equals(terms()),
        "terms digest %s",
        claim.terms().digest());
    add(findings, name + ": opening", claim.commitmentOpens(), "%s", claim.commitment());
    add(findings, name + ": wins", claim.wins(), "odds 1/%d", terms().odds());
    add(
        findings,
        name + ": in time",
        decided.timeMillis() >= 0 && decided.timeMillis() / 1000 <= claim.expiry(),
        "decided at %d ms, expiry %d s",
        decided.timeMillis(),
        claim.expiry());
    add(
        findings,
        name + ": ticket signature",
        signatures.isValid(claim.ticket().digest(), claim.sigTicket(), buyer),
        "by %s",
        buyer);
    add(
        findings,
        name + ": spend signature",
        signatures.isValid(claim.spendTemplate().digest(), claim.sigSpend(), buyer),
        "%d satoshi to %s",
        claim.terms().payout(),
        claim.payoutScript());
  }

  private void deposit(List<Finding> findings, SignatureCheck signatures) {
    if (registration.deposit().isEmpty()) {
      if (burnSignature.isPresent()) {
        add(findings, "deposit", false, "a burn is signed, but no deposit is registered");
      }
      return;
    }
    Deposit deposit = registration.deposit().get();
    Bytes32 digest = SpendTemplate.burn(terms(), deposit).digest();
    add(
        findings,
        "buyer's burn signature",
        signatures.isValid(digest, deposit.sigBurn(), terms().buyerKey()),
        "%d satoshi in %s",
        deposit.value(),
        deposit.outpoint());
    burnSignature.ifPresent(
        signature ->
            add(
                findings,
                "VTS's burn signature",
                signatures.isValid(digest, signature, terms().vtsKey()),
                "by %s",
                terms().vtsKey()));
  }

  private static void add(
      List<Finding> findings, String check, boolean passed, String detail, Object... values) {
    findings.add(new Finding(check, passed, detail.formatted(values)));
  }
}
