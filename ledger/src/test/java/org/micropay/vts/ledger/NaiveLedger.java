package org.micropay.vts.ledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/**
 * The ledger once more, from the protocol's text, with maps and objects and nothing clever. It
 * shares no code with the real one but value types.
 */
final class NaiveLedger implements Machine {
  private static final class Escrow {
    Terms terms;
    long position;
    int funded;
    int spent;
    long grant;
    Bytes32 claimId;
    long proof;
    Pledge pledge;
  }

  private static final class Pledge {
    Deposit deposit;
    PublicKey buyer;
    int funded;
    int spent;
    int escrows;
  }

  private final Map<Outpoint, Escrow> escrows = new HashMap<>();
  private final Map<Outpoint, Pledge> pledges = new HashMap<>();
  private final List<Escrow> slots = new ArrayList<>();
  private final Deque<Integer> free = new ArrayDeque<>();
  private LedgerPolicy policy;
  private long last;
  private long lastDigest;
  private long clock;
  private long latest;
  private int height = -1;
  private Bytes32 tip = Bytes32.ZERO;
  private long tipSeen;
  private boolean spendsAhead;
  private boolean closed;
  private int retiredUpTo;
  private int cursor;

  private Answer no(AnswerCode code) {
    return new Answer(code.number(), 0, 0);
  }

  private Answer nothing() {
    return new Answer(0, 0, 0);
  }

  private Answer record(long time, RecordType type, int code) {
    last++;
    clock = Math.max(clock, time);
    Answer answer = new Answer(code, type.number(), last);
    if (policy.digestInterval() != 0 && last - lastDigest >= policy.digestInterval()) {
      lastDigest = ++last;
    }
    return answer;
  }

  private void hear(long time) {
    latest = Math.max(latest, time);
  }

  private boolean stale() {
    return height < 0 || latest - tipSeen > policy.chainStaleMillis();
  }

  @Override
  public Answer configure(long time, LedgerPolicy next) {
    hear(time);
    policy = next;
    return record(time, RecordType.CONFIG, 0);
  }

  @Override
  public Answer decide(long time, Claim claim, Bytes32 claimId) {
    hear(time);
    Escrow escrow = escrows.get(claim.terms().outpoint());
    if (escrow == null) {
      return no(AnswerCode.UNKNOWN_ESCROW);
    }
    if (!escrow.terms.equals(claim.terms())) {
      return no(AnswerCode.TERMS_MISMATCH);
    }
    if (escrow.grant != 0 && escrow.claimId.equals(claimId)) {
      return new Answer(AnswerCode.GRANTED.number(), 0, escrow.grant);
    }
    if (claim.expiry() * 1000 < latest) {
      return no(AnswerCode.EXPIRED);
    }
    if (escrow.grant != 0) {
      if (escrow.proof != 0) {
        return new Answer(AnswerCode.DOUBLE_SPEND.number(), 0, escrow.proof);
      }
      escrow.proof = last + 1;
      return record(time, RecordType.DOUBLE_SPEND, AnswerCode.DOUBLE_SPEND.number());
    }
    if (stale()) {
      return no(AnswerCode.CHAIN_STALE);
    }
    if (escrow.funded == 0 || height + 1 - escrow.funded < policy.minConfirmations()) {
      return no(AnswerCode.ESCROW_UNCONFIRMED);
    }
    if (escrow.spent != 0) {
      return no(AnswerCode.ESCROW_SPENT);
    }
    if (height + policy.refundMargin() >= escrow.terms.refundHeight()) {
      return no(AnswerCode.REFUND_TOO_NEAR);
    }
    escrow.grant = last + 1;
    escrow.claimId = claimId;
    return record(time, RecordType.GRANT, AnswerCode.GRANTED.number());
  }

  @Override
  public Answer register(
      long time, Registration registration, int funded, int depositFunded, Bytes32 seen) {
    hear(time);
    Terms terms = registration.terms();
    Deposit deposit = registration.deposit().orElse(null);
    Escrow known = escrows.get(terms.outpoint());
    if (known != null) {
      if (!known.terms.equals(terms)) {
        return no(AnswerCode.OUTPOINT_TAKEN);
      }
      if ((deposit == null) != (known.pledge == null)
          || deposit != null && !same(known.pledge, deposit, terms)) {
        return no(AnswerCode.BAD_DEPOSIT);
      }
      return new Answer(AnswerCode.REGISTERED.number(), 0, known.position);
    }
    if (pledges.containsKey(terms.outpoint())) {
      return no(AnswerCode.OUTPOINT_TAKEN);
    }
    if (stale() || !seen.equals(tip) || spendsAhead || closed) {
      return no(AnswerCode.CHAIN_STALE);
    }
    if (funded < 1
        || funded > height
        || deposit != null && (depositFunded < 1 || depositFunded > height)) {
      return no(AnswerCode.FUNDING_NOT_FOUND);
    }
    if (height + policy.refundMargin() >= terms.refundHeight()) {
      return no(AnswerCode.REFUND_TOO_NEAR);
    }
    if (escrows.size() >= policy.escrowCapacity()) {
      return no(AnswerCode.LEDGER_FULL);
    }
    Pledge pledge = null;
    if (deposit != null) {
      if (escrows.containsKey(deposit.outpoint())) {
        return no(AnswerCode.BAD_DEPOSIT);
      }
      pledge = pledges.get(deposit.outpoint());
      if (pledge == null && pledges.size() >= policy.depositCapacity()) {
        return no(AnswerCode.LEDGER_FULL);
      }
      if (pledge != null && (pledge.spent != 0 || !same(pledge, deposit, terms))) {
        return no(AnswerCode.BAD_DEPOSIT);
      }
      if (pledge == null) {
        pledge = new Pledge();
        pledge.deposit = deposit;
        pledge.buyer = terms.buyerKey();
        pledge.funded = depositFunded;
        pledges.put(deposit.outpoint(), pledge);
      }
      pledge.escrows++;
    }
    Escrow escrow = new Escrow();
    escrow.terms = terms;
    escrow.position = last + 1;
    escrow.funded = funded;
    escrow.pledge = pledge;
    escrows.put(terms.outpoint(), escrow);
    if (free.isEmpty()) {
      slots.add(escrow);
    } else {
      slots.set(free.pop(), escrow);
    }
    Answer answer = record(time, RecordType.REGISTER, AnswerCode.REGISTERED.number());
    sweep(8);
    return answer;
  }

  private static boolean same(Pledge pledge, Deposit deposit, Terms terms) {
    return pledge.buyer.equals(terms.buyerKey())
        && pledge.deposit.outpoint().equals(deposit.outpoint())
        && pledge.deposit.value() == deposit.value()
        && pledge.deposit.refundHeight() == deposit.refundHeight()
        && pledge.deposit.burnFee() == deposit.burnFee();
  }

  @Override
  public Answer connect(long time, int newHeight, Bytes32 hash, Bytes32 parent) {
    hear(time);
    if (height >= 0 && !(newHeight == height + 1 && parent.equals(tip))) {
      return no(AnswerCode.CHAIN_STALE);
    }
    Answer answer = record(time, RecordType.BLOCK_CONNECTED, 0);
    height = newHeight;
    tip = hash;
    tipSeen = clock;
    spendsAhead = false;
    sweep(1024);
    return answer;
  }

  @Override
  public Answer disconnect(long time, int oldHeight, Bytes32 hash, Bytes32 parent) {
    hear(time);
    if (height < 1 || oldHeight != height || !hash.equals(tip)) {
      return no(AnswerCode.CHAIN_STALE);
    }
    Answer answer = record(time, RecordType.BLOCK_DISCONNECTED, 0);
    height--;
    tip = parent;
    tipSeen = clock;
    spendsAhead = false;
    closed |= height < retiredUpTo;
    return answer;
  }

  @Override
  public Answer event(long time, RecordType type, Outpoint outpoint, int at) {
    hear(time);
    if (at < 1) {
      return no(AnswerCode.MALFORMED);
    }
    if ((type == RecordType.ESCROW_FUNDED || type == RecordType.ESCROW_SPENT) && at > height + 1) {
      return no(AnswerCode.CHAIN_STALE);
    }
    spendsAhead |= type == RecordType.ESCROW_SPENT && at == height + 1;
    Escrow escrow = escrows.get(outpoint);
    Pledge pledge = pledges.get(outpoint);
    if (escrow == null && pledge == null) {
      return nothing();
    }
    int funded = escrow != null ? escrow.funded : pledge.funded;
    int spent = escrow != null ? escrow.spent : pledge.spent;
    int newFunded = funded;
    int newSpent = spent;
    if (type == RecordType.ESCROW_FUNDED) {
      newFunded = at;
    } else if (type == RecordType.ESCROW_UNFUNDED && funded == at) {
      newFunded = 0;
    } else if (type == RecordType.ESCROW_SPENT) {
      newSpent = at;
    } else if (type == RecordType.ESCROW_UNSPENT && spent == at) {
      newSpent = 0;
    }
    if (newFunded == funded && newSpent == spent) {
      return nothing();
    }
    if (escrow != null) {
      escrow.funded = newFunded;
      escrow.spent = newSpent;
    } else {
      pledge.funded = newFunded;
      pledge.spent = newSpent;
    }
    return record(time, type, 0);
  }

  @Override
  public Answer tick(long time) {
    hear(time);
    if (time <= clock) {
      return nothing();
    }
    Answer answer = record(time, RecordType.TICK, 0);
    sweep(256);
    return answer;
  }

  @Override
  public Answer tickWithTip(long time, int seenHeight, Bytes32 seen) {
    hear(time);
    if (height < 0 || seenHeight != height || !seen.equals(tip)) {
      return no(AnswerCode.CHAIN_STALE);
    }
    if (Math.max(clock, time) == tipSeen) {
      return nothing();
    }
    spendsAhead = false;
    Answer answer = record(time, RecordType.TICK, 0);
    tipSeen = clock;
    sweep(256);
    return answer;
  }

  @Override
  public Answer settlement(long time) {
    hear(time);
    return record(time, RecordType.BATCH_STORED, 0);
  }

  private void sweep(int count) {
    if (height < 0) {
      return;
    }
    int looks = Math.min(count, slots.size());
    for (int i = 0; i < looks; i++) {
      Escrow escrow = slots.get(cursor);
      if (escrow != null && dead(escrow)) {
        slots.set(cursor, null);
        free.push(cursor);
        escrows.remove(escrow.terms.outpoint());
        if (escrow.grant != 0) {
          retiredUpTo = Math.max(retiredUpTo, escrow.spent);
        }
        if (escrow.pledge != null && --escrow.pledge.escrows == 0) {
          pledges.remove(escrow.pledge.deposit.outpoint());
        }
      }
      cursor = (cursor + 1) % slots.size();
    }
  }

  private boolean dead(Escrow escrow) {
    boolean buried = escrow.spent != 0 && height + 1 - escrow.spent >= policy.retireDepth();
    boolean refundable = height >= escrow.terms.refundHeight() + policy.retireDepth();
    return buried || escrow.grant == 0 && refundable;
  }

  @Override
  public Optional<EscrowInfo> lookup(Outpoint outpoint) {
    Escrow escrow = escrows.get(outpoint);
    if (escrow == null) {
      return Optional.empty();
    }
    boolean confirmed = escrow.funded != 0 && escrow.funded <= height;
    Pledge pledge = escrow.pledge;
    return Optional.of(
        new EscrowInfo(
            escrow.terms,
            escrow.position,
            escrow.funded,
            confirmed ? height - escrow.funded + 1 : 0,
            escrow.spent,
            escrow.grant,
            Optional.ofNullable(escrow.claimId),
            escrow.proof,
            pledge == null
                ? Optional.empty()
                : Optional.of(
                    new DepositInfo(pledge.deposit, pledge.funded, pledge.spent, pledge.escrows))));
  }

  @Override
  public int escrowCount() {
    return escrows.size();
  }
}
