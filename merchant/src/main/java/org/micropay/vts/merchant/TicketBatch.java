package org.micropay.vts.merchant;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.FastOpenings;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;
import org.micropay.vts.ticket.WinRule;

/**
 * Tickets that one thread checks together. Whatever the thread brings until it gets round to the
 * task that the first of them left with its executor is verified in one kernel call: on an event
 * loop, all tickets of one round of its selector. No ticket changes threads, and several loops
 * verify on several cores; what they share, the use of an ask, is behind {@link TicketTill}'s lock
 * once a batch.
 *
 * <p>A kernel call costs the same for one signature as for sixteen. So of twenty tickets sixteen
 * are verified, and four go with those of the next round, which comes at once: a ticket is put off
 * by at most one round, only behind a call that was full, and a lone one waits for nobody.
 *
 * <p>{@link #check} and the executor's tasks belong to one thread, whose stack has {@link
 * Kernel#STACK_BYTES}. Losers' and refused tickets' futures complete on it, winners' on the thread
 * that has made them durable.
 */
public final class TicketBatch implements AutoCloseable {
  private final MerchantParts merchant;
  private final Executor owner;
  private final Executor nextRound;
  private final FastOpenings openings;
  private final ReleaseSignatures releases;
  private final TicketVerifier verifier;
  private List<Work> waiting = new ArrayList<>();

  /** Whether a task is on its way that verifies what waits. */
  private boolean flushDue;

  /** A ticket on its way. */
  private static final class Work {
    final PresentedTicket presented;
    final Price price;
    final Opening opening;
    final CompletableFuture<TicketCheck> result = new CompletableFuture<>();
    Terms terms;
    ReleaseSignatures.Release release;
    boolean won;

    Work(PresentedTicket presented, Price price, Opening opening) {
      this.presented = presented;
      this.price = price;
      this.opening = opening;
    }

    Ticket ticket() {
      return presented.ticket();
    }

    /** Signatures to verify: the release's is remembered once it was valid. */
    int signatures() {
      return release.isKnown(ticket().sigSpend()) ? 1 : 2;
    }
  }

  TicketBatch(
      MerchantParts merchant,
      FastOpenings openings,
      Kernel kernel,
      Executor owner,
      Executor nextRound) {
    this.merchant = merchant;
    this.openings = openings;
    this.owner = owner;
    this.nextRound = nextRound;
    this.releases = new ReleaseSignatures(merchant.config().payoutScript());
    this.verifier = new TicketVerifier(kernel);
  }

  /** As {@link Merchant#check}; on the owner's thread. */
  public CompletableFuture<TicketCheck> check(PresentedTicket presented, Price price) {
    Opening opening = openings.at(presented.counter());
    Optional<TicketCheck.Refused> objection = firstObjection(presented, opening);
    if (objection.isPresent()) {
      return CompletableFuture.completedFuture(objection.get());
    }
    Bytes32 digest = presented.ticket().termsDigest();
    if (!merchant.outstanding().enter(digest, merchant.config().risk().maxOutstanding())) {
      return CompletableFuture.completedFuture(
          new TicketCheck.Refused(
              TicketRefusal.TOO_MANY_OUTSTANDING, "a ticket of escrow " + digest + " is in check"));
    }
    Work work = new Work(presented, price, opening);
    CompletableFuture<EscrowFacts> lookup = merchant.escrows().lookup(digest);
    if (lookup.isDone()) {
      onAnswer(work, lookup);
    } else {
      lookup.whenCompleteAsync((facts, failure) -> onAnswer(work, lookup), owner);
    }
    return work.result;
  }

  private Optional<TicketCheck.Refused> firstObjection(PresentedTicket presented, Opening opening) {
    Optional<TicketCheck.Refused> objection =
        merchant.rules().objection(presented, opening, System.currentTimeMillis() / 1000);
    return objection.isPresent() ? objection : merchant.objectionToAnyTicket();
  }

  // ---- before the signatures

  private void onAnswer(Work work, CompletableFuture<EscrowFacts> lookup) {
    EscrowFacts facts;
    try {
      facts = lookup.join();
    } catch (CompletionException e) {
      refuse(work, TicketRefusal.VTS_UNAVAILABLE, String.valueOf(e.getCause().getMessage()));
      return;
    }
    Optional<TicketCheck.Refused> objection = objectionToEscrow(work, facts);
    if (objection.isPresent()) {
      finish(work, objection.get());
      return;
    }
    waiting.add(work);
    if (waiting.size() == TicketVerifier.CAPACITY) {
      verifyWaiting();
    } else if (!flushDue) {
      flushLater(owner);
    }
  }

  private void flushLater(Executor executor) {
    flushDue = true;
    try {
      executor.execute(this::flush);
    } catch (RejectedExecutionException e) {
      flushDue = false;
      verifyWaiting();
    }
  }

  private Optional<TicketCheck.Refused> objectionToEscrow(Work work, EscrowFacts facts) {
    Ticket ticket = work.ticket();
    Optional<TicketCheck.Refused> state = merchant.rules().objectionToState(facts, ticket);
    if (facts.terms().isEmpty()) {
      return state;
    }
    work.terms = facts.terms().get();
    work.release = releases.of(ticket.termsDigest(), work.terms);
    if (work.release == null) {
      return state.isPresent()
          ? state
          : Optional.of(
              new TicketCheck.Refused(TicketRefusal.TERMS_MISMATCH, "the VTS named other terms"));
    }
    work.won = WinRule.wins(work.opening.r1(), ticket.r2(), work.terms.odds());
    if (state.isPresent()) {
      return isOwnWin(state.get(), work) ? Optional.empty() : state;
    }
    return merchant.rules().objectionToTerms(work.terms, work.price);
  }

  /**
   * A winner of this merchant's spent the escrow itself; it comes again when its answer was lost.
   */
  private boolean isOwnWin(TicketCheck.Refused objection, Work work) {
    return objection.code() == TicketRefusal.ESCROW_SPENT
        && work.won
        && merchant.claims().find(claim(work).id()).isPresent();
  }

  private static Claim claim(Work work) {
    return Claim.of(work.terms, work.ticket(), work.opening);
  }

  // ---- the batch

  private void flush() {
    flushDue = false;
    int most = full();
    if (most == waiting.size()) {
      verifyWaiting();
      return;
    }
    List<Work> batch = waiting.subList(0, most);
    List<Work> rest = new ArrayList<>(waiting.subList(most, waiting.size()));
    waiting = rest;
    flushLater(nextRound);
    verify(batch);
  }

  /** How many of those that wait fill whole calls of the kernel; all, when they fill none. */
  private int full() {
    int lanes = verifier.lanes();
    int signatures = 0;
    for (Work work : waiting) {
      signatures += work.signatures();
    }
    if (signatures < lanes) {
      return waiting.size();
    }
    int most = waiting.size();
    for (int over = signatures % lanes; over > 0; ) {
      most--;
      over -= waiting.get(most).signatures();
    }
    return most;
  }

  private void verifyWaiting() {
    List<Work> batch = waiting;
    waiting = new ArrayList<>();
    verify(batch);
  }

  private void verify(List<Work> batch) {
    try {
      for (int from = 0; from < batch.size(); from += TicketVerifier.CAPACITY) {
        decide(batch.subList(from, Math.min(batch.size(), from + TicketVerifier.CAPACITY)));
      }
    } finally {
      for (Work work : batch) {
        // Only a fault of the program leaves some; nobody waits for an answer in vain.
        if (work.release != null) {
          refuse(work, TicketRefusal.OVERLOADED, "the check broke off");
        }
      }
    }
  }

  private void decide(List<Work> batch) {
    verifySignatures(batch);
    List<Work> valid = new ArrayList<>(batch.size());
    List<TicketTill.Offer> offers = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      Work work = batch.get(i);
      if (!verifier.isTicketValid(i)) {
        refuse(
            work,
            TicketRefusal.BAD_TICKET_SIGNATURE,
            "sigTicket does not verify under the terms' key");
      } else if (!verifier.isSpendValid(i)) {
        refuse(
            work,
            TicketRefusal.BAD_SPEND_SIGNATURE,
            "sigSpend does not verify under the terms' key");
      } else {
        work.release.remember(work.ticket().sigSpend());
        valid.add(work);
        offers.add(new TicketTill.Offer(work.presented.counter(), type(work.terms), work.won));
      }
    }
    if (!valid.isEmpty()) {
      TicketTill.Taking[] takings = merchant.till().take(offers);
      for (int i = 0; i < takings.length; i++) {
        conclude(valid.get(i), takings[i]);
      }
    }
  }

  static TicketClass type(Terms terms) {
    return new TicketClass(terms.payout(), terms.odds());
  }

  private void verifySignatures(List<Work> batch) {
    verifier.clear();
    for (Work work : batch) {
      Ticket ticket = work.ticket();
      byte[] digest = ticket.digest().toArray();
      byte[] signature = ticket.sigTicket().toArray();
      byte[] key = work.terms.buyerKey().toArray();
      if (work.release.isKnown(ticket.sigSpend())) {
        verifier.add(digest, signature, key);
      } else {
        verifier.add(digest, work.release.digest(), signature, ticket.sigSpend().toArray(), key);
      }
    }
    verifier.verify();
    merchant.till().countBatch(batch.size());
  }

  // ---- the answer

  private void conclude(Work work, TicketTill.Taking taking) {
    switch (taking) {
      case TAKEN -> {
        if (work.won) {
          keep(work);
        } else {
          finish(work, new TicketCheck.Lost(work.opening));
        }
      }
      case ASK_EXPIRED ->
          finish(
              work,
              new TicketCheck.Refused(
                  TicketRefusal.ASK_EXPIRED,
                  "the ask is older than the %d s that it lives"
                      .formatted(merchant.config().askLifeSeconds()),
                  outcome(work)));
      case REDEEMED ->
          finish(
              work,
              new TicketCheck.Refused(
                  TicketRefusal.REDEEMED,
                  "ask %s has bought something"
                      .formatted(PresentedTicket.counterText(work.presented.counter())),
                  outcome(work)));
      case UNSTORED -> refuse(work, TicketRefusal.STORAGE, "the ticket could not be noted");
    }
  }

  /** The commitment cannot be used any more, so its opening may be told. */
  private static Optional<TicketResult> outcome(Work work) {
    return Optional.of(work.won ? TicketResult.won() : TicketResult.lost(work.opening));
  }

  /** A winner is made durable before anyone hears of it. */
  private void keep(Work work) {
    Claim claim = claim(work);
    merchant.escrows().markWon(work.ticket().termsDigest());
    work.release = null;
    merchant
        .claims()
        .store(claim, System.currentTimeMillis())
        .whenComplete(
            (isNew, failure) -> {
              if (failure != null) {
                merchant
                    .till()
                    .reopen(new TicketTill.Offer(work.presented.counter(), type(work.terms), true));
                refuse(work, TicketRefusal.STORAGE, "the win could not be stored");
                return;
              }
              if (isNew) {
                merchant.sender().submit(claim);
              }
              finish(work, new TicketCheck.Won(claim));
            });
  }

  private void refuse(Work work, TicketRefusal code, String detail) {
    finish(work, new TicketCheck.Refused(code, detail));
  }

  private void finish(Work work, TicketCheck check) {
    work.release = null;
    merchant.outstanding().leave(work.ticket().termsDigest());
    work.result.complete(check);
  }

  /** Gives native memory back; when no check is on its way any more, on any thread. */
  @Override
  public void close() {
    verifier.close();
  }
}
