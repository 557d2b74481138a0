package org.micropay.vts.merchant;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/**
 * One escrow in a wallet's file. Immutable; {@link BuyerWallet} replaces it when it changes.
 *
 * @param index number of its derived key
 * @param state where it stands
 * @param value satoshi locked, or to be locked
 * @param payout satoshi of a winner
 * @param odds N of 1/N
 * @param refundHeight from this block on the coins can be taken back
 * @param buyerKey hex
 * @param terms base64url of the 130 bytes; absent before the funding is known
 * @param ticket base64url of the outstanding or winning ticket; absent when there is none
 * @param counter of its ask
 * @param site that got it
 * @param paidAt Unix seconds of its signature
 * @param tickets signed so far
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WalletEscrow(
    long index,
    State state,
    long value,
    long payout,
    int odds,
    int refundHeight,
    String buyerKey,
    String terms,
    String ticket,
    String counter,
    String site,
    Long paidAt,
    long tickets) {

  /** Where an escrow of a wallet stands. */
  public enum State {
    /** Drafted; its script waits for coins. */
    DRAFT,
    /** Funded; the VTS has not registered it yet. */
    FUNDED,
    /** Registered; the next ticket may be signed. */
    FREE,
    /** A ticket is out and its outcome not known. */
    OUTSTANDING,
    /** A ticket won, or the merchant says so, or the VTS granted a claim. */
    WON,
    /** The refund is signed. */
    REFUNDED,
    /** Another wallet has it now, and this one signs nothing on it but a refund. */
    EXPORTED
  }

  /** The terms, once the funding is known. */
  @JsonIgnore
  public Optional<Terms> decodedTerms() {
    return Optional.ofNullable(terms).map(Terms::fromBase64Url);
  }

  /** The ticket that is out, or that won. */
  @JsonIgnore
  public Optional<Ticket> decodedTicket() {
    return Optional.ofNullable(ticket).map(Ticket::fromBase64Url);
  }

  WalletEscrow withState(State other) {
    return new WalletEscrow(
        index,
        other,
        value,
        payout,
        odds,
        refundHeight,
        buyerKey,
        terms,
        ticket,
        counter,
        site,
        paidAt,
        tickets);
  }

  WalletEscrow withTerms(Terms known) {
    return new WalletEscrow(
        index,
        State.FUNDED,
        value,
        payout,
        odds,
        refundHeight,
        buyerKey,
        known.toBase64Url(),
        null,
        null,
        null,
        null,
        tickets);
  }

  WalletEscrow withTicket(PresentedTicket paid, String paidSite, long nowSeconds) {
    return new WalletEscrow(
        index,
        State.OUTSTANDING,
        value,
        payout,
        odds,
        refundHeight,
        buyerKey,
        terms,
        paid.ticket().toBase64Url(),
        PresentedTicket.counterText(paid.counter()),
        paidSite,
        nowSeconds,
        tickets + 1);
  }

  WalletEscrow free() {
    return new WalletEscrow(
        index,
        State.FREE,
        value,
        payout,
        odds,
        refundHeight,
        buyerKey,
        terms,
        null,
        null,
        null,
        null,
        tickets);
  }

  EscrowDraft draft(Network network, PublicKey vtsKey) {
    return new EscrowDraft(
        index, network, value, payout, odds, refundHeight, PublicKey.fromHex(buyerKey), vtsKey);
  }
}
