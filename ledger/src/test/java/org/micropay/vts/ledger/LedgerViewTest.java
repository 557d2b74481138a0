package org.micropay.vts.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Terms;

/** Readers beside a writer that registers, grants, retires and reuses slots all the time. */
class LedgerViewTest {
  private static final int STAYING = 150;
  private static final int PASSING = 100;
  private static final int CYCLES = 250;
  private static final int REFUND = 400_000;

  /** The writer's world: escrows below STAYING live for ever, the others come and go. */
  private static final class Writer {
    final RecordedLedger machine =
        new RecordedLedger(Ledger.create(Samples.policy(STAYING + PASSING, 8)));
    int height = 1000;
    long time = Samples.START_MILLIS;

    Writer() {
      machine.configure(time, machine.ledger.policy());
      machine.connect(time, height, Samples.bytes32(height), Bytes32.ZERO);
    }

    void blocks(int count) {
      for (int i = 0; i < count; i++) {
        height++;
        machine.connect(time, height, Samples.bytes32(height), Samples.bytes32(height - 1));
      }
    }

    void register(int number) {
      Answer answer =
          machine.register(
              time,
              Samples.registration(
                  Samples.terms(number), number % 3 == 0 ? Samples.deposit(number % 2, 600) : null),
              height - 5,
              height - 5,
              Samples.bytes32(height));
      assertEquals(AnswerCode.REGISTERED.number(), answer.code());
    }

    void grantAndSpend(int number, Samples.Ready claim) {
      long position = machine.ledger.lastPosition() + 1;
      int code = machine.ledger.decide(position, ++time, claim.view, claim.id, 0);
      assertEquals(AnswerCode.GRANTED.number(), code);
      machine.event(time, RecordType.ESCROW_SPENT, Samples.outpoint(number), height);
    }
  }

  @Test
  void shouldNeverShowTornOrMissingEscrows() throws Exception {
    SplittableRandom random = Samples.random("shouldNeverShowTornOrMissingEscrows");
    Terms[] terms = new Terms[STAYING + PASSING];
    Samples.Ready[] claims = new Samples.Ready[terms.length];
    for (int i = 0; i < terms.length; i++) {
      terms[i] = Samples.terms(i);
      claims[i] = Samples.ready(terms[i], i);
    }
    Writer writer = new Writer();
    for (int i = 0; i < STAYING; i++) {
      writer.register(i);
    }
    AtomicBoolean done = new AtomicBoolean();
    LedgerView view = writer.machine.ledger.view();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    try {
      List<Future<long[]>> results = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        SplittableRandom own = random.split();
        results.add(readers.submit(() -> read(view, terms, claims, own, done)));
      }
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        for (int i = STAYING; i < terms.length; i++) {
          writer.register(i);
        }
        for (int i = STAYING; i < terms.length; i++) {
          writer.grantAndSpend(i, claims[i]);
        }
        writer.blocks(100); // buries the spends: all of them are retired
        assertEquals(STAYING, view.escrowCount());
        writer.machine.journal.clear();
      }
      done.set(true);
      long found = 0;
      long missed = 0;
      for (Future<long[]> result : results) {
        found += result.get()[0];
        missed += result.get()[1];
      }
      System.out.printf(
          "view: %d escrows found, %d not there, during %d retirements%n",
          found, missed, (long) CYCLES * PASSING);
      assertTrue(found > 0 && missed > 0);
    } finally {
      done.set(true);
      readers.shutdownNow();
      readers.close();
      writer.machine.close();
    }
  }

  private static long[] read(
      LedgerView view,
      Terms[] terms,
      Samples.Ready[] claims,
      SplittableRandom random,
      AtomicBoolean done) {
    long found = 0;
    long missed = 0;
    while (!done.get()) {
      int number = random.nextInt(terms.length);
      Optional<EscrowInfo> info =
          switch (random.nextInt(3)) {
            case 0 -> view.lookup(terms[number].outpoint());
            case 1 -> view.lookup(terms[number].digest());
            default -> view.lookupClaim(claims[number].claimId());
          };
      if (info.isPresent()) {
        check(info.get(), terms[number], claims[number].claimId());
        found++;
      } else {
        missed++;
      }
      checkStatus(view, number, claims[number]);
      if (number < STAYING) {
        assertTrue(view.lookup(terms[number].outpoint()).isPresent(), "escrow " + number);
        assertTrue(view.lookup(terms[number].digest()).isPresent(), "terms " + number);
      }
    }
    return new long[] {found, missed};
  }

  private static void check(EscrowInfo info, Terms terms, Bytes32 claimId) {
    assertEquals(terms, info.terms());
    assertTrue(info.registrationPosition() > 0 && info.fundedHeight() > 0, info::toString);
    assertEquals(info.isGranted(), info.claimId().isPresent());
    if (info.isGranted()) {
      assertEquals(claimId, info.claimId().get());
      assertTrue(info.grantPosition() > info.registrationPosition(), info::toString);
    }
    assertTrue(info.isGranted() || info.spentHeight() == 0, info::toString);
    assertTrue(
        info.spentHeight() == 0 || info.spentHeight() >= info.fundedHeight(), info::toString);
    info.deposit()
        .ifPresent(
            deposit -> {
              assertEquals(600, deposit.deposit().burnFee());
              assertTrue(deposit.escrows() > 0, deposit::toString);
            });
  }

  private static void checkStatus(LedgerView view, int number, Samples.Ready claim) {
    int code = view.status(Samples.START_MILLIS, claim.view, claim.id, 0);
    if (number < STAYING) {
      // Never granted, deep enough, refund far away.
      assertEquals(LedgerView.UNDECIDED, code, "status of escrow " + number);
    } else {
      assertTrue(
          code == LedgerView.UNDECIDED
              || code == AnswerCode.GRANTED.number()
              || code == AnswerCode.UNKNOWN_ESCROW.number(),
          "status " + code);
    }
  }

  @Test
  void shouldForetellWhatTheLedgerDecides() {
    Writer writer = new Writer();
    try (RecordedLedger machine = writer.machine) {
      LedgerView view = machine.ledger.view();
      Terms terms = Samples.terms(1, 128, REFUND);
      Samples.Ready first = Samples.ready(terms, 1);
      Samples.Ready second = Samples.ready(terms, 2);
      long now = writer.time;
      assertEquals(AnswerCode.UNKNOWN_ESCROW.number(), view.status(now, first.view, first.id, 0));
      writer.register(1);
      assertEquals(LedgerView.UNDECIDED, view.status(now, first.view, first.id, 0));
      Samples.Ready otherTerms = Samples.ready(Samples.terms(1, 2, REFUND), 1);
      assertEquals(
          AnswerCode.TERMS_MISMATCH.number(), view.status(now, otherTerms.view, otherTerms.id, 0));
      assertEquals(
          AnswerCode.CHAIN_STALE.number(), view.status(now + 60_001, first.view, first.id, 0));
      writer.grantAndSpend(1, first);
      assertEquals(AnswerCode.GRANTED.number(), view.status(now, first.view, first.id, 0));
      assertEquals(AnswerCode.DOUBLE_SPEND.number(), view.status(now, second.view, second.id, 0));
      Samples.Ready old = new Samples.Ready(Samples.claim(terms, 3, now / 1000 - 1));
      assertEquals(AnswerCode.EXPIRED.number(), view.status(now, old.view, old.id, 0));
      assertEquals(
          first.claimId(), view.lookupClaim(first.claimId()).orElseThrow().claimId().orElseThrow());
      assertTrue(view.lookupClaim(second.claimId()).isEmpty());
    }
  }
}
