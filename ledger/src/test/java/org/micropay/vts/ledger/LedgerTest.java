package org.micropay.vts.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Terms;

/** The rules one by one, where a random history says too little. */
class LedgerTest {
  private static final LedgerPolicy POLICY = Samples.policy(2_000, 4);
  private static final int FUNDED = 995;

  private final RecordedLedger machine = new RecordedLedger(Ledger.create(POLICY));
  private final Ledger ledger = machine.ledger;
  private long time = Samples.START_MILLIS;
  private int height = 1000;

  LedgerTest() {
    machine.configure(time, POLICY);
    machine.connect(time, height, Samples.bytes32(height), Bytes32.ZERO);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void connect() {
    height++;
    machine.connect(time, height, Samples.bytes32(height), Samples.bytes32(height - 1));
  }

  private Answer register(Terms terms) {
    return machine.register(
        time, Samples.registration(terms, null), FUNDED, 0, Samples.bytes32(height));
  }

  private Answer decide(Samples.Ready claim) {
    int code = ledger.decide(ledger.lastPosition() + 1, time, claim.view, claim.id, 0);
    return new Answer(code, ledger.journalType(), ledger.receiptPosition());
  }

  private static Answer refused(AnswerCode code) {
    return new Answer(code.number(), 0, 0);
  }

  @Test
  void shouldAnswerTheSameClaimTheSameWayForEver() {
    Terms terms = Samples.terms(1);
    register(terms);
    Samples.Ready winner = new Samples.Ready(Samples.claim(terms, 1, time / 1000));
    Answer granted = decide(winner);
    assertEquals(new Answer(AnswerCode.GRANTED.number(), RecordType.GRANT.number(), 4), granted);
    Answer repeat = new Answer(AnswerCode.GRANTED.number(), 0, 4);
    assertEquals(repeat, decide(winner));
    time += 1_000_000; // expired, and the chain is stale
    assertEquals(repeat, decide(winner));
    machine.event(time, RecordType.ESCROW_SPENT, terms.outpoint(), height);
    assertEquals(repeat, decide(winner));
    machine.event(time, RecordType.ESCROW_UNFUNDED, terms.outpoint(), FUNDED);
    assertEquals(repeat, decide(winner));
  }

  @Test
  void shouldKeepOneProofOnly() {
    Terms terms = Samples.terms(1);
    register(terms);
    decide(Samples.ready(terms, 1));
    Answer first = decide(Samples.ready(terms, 2));
    assertEquals(
        new Answer(AnswerCode.DOUBLE_SPEND.number(), RecordType.DOUBLE_SPEND.number(), 5), first);
    assertEquals(4, ledger.grantPosition());
    Answer later = new Answer(AnswerCode.DOUBLE_SPEND.number(), 0, 5);
    assertEquals(later, decide(Samples.ready(terms, 2)));
    assertEquals(later, decide(Samples.ready(terms, 3)));
  }

  @Test
  void shouldDecideByOutpointNotByTerms() {
    register(Samples.terms(1, 128, 400_000));
    assertEquals(refused(AnswerCode.OUTPOINT_TAKEN), register(Samples.terms(1, 2, 400_000)));
    assertEquals(
        refused(AnswerCode.TERMS_MISMATCH), decide(Samples.ready(Samples.terms(1, 2, 400_000), 1)));
  }

  @Test
  void shouldNotLetTheClockGoBackwards() {
    Terms terms = Samples.terms(1);
    register(terms);
    Samples.Ready claim = new Samples.Ready(Samples.claim(terms, 1, time / 1000 + 10));
    time += 20_000;
    assertEquals(refused(AnswerCode.EXPIRED), decide(claim));
    time -= 20_000;
    assertEquals(refused(AnswerCode.EXPIRED), decide(claim));
  }

  @Test
  void shouldGrantNothingAtTheBordersOfTheRules() {
    Terms terms = Samples.terms(1, 128, height + 11);
    register(terms);
    Samples.Ready claim = Samples.ready(terms, 1);
    time += 60_001;
    assertEquals(refused(AnswerCode.CHAIN_STALE), decide(claim));
    machine.tickWithTip(time, height, Samples.bytes32(height));
    machine.event(time, RecordType.ESCROW_UNFUNDED, terms.outpoint(), FUNDED);
    assertEquals(refused(AnswerCode.ESCROW_UNCONFIRMED), decide(claim));
    machine.event(time, RecordType.ESCROW_FUNDED, terms.outpoint(), height - 1);
    assertEquals(refused(AnswerCode.ESCROW_UNCONFIRMED), decide(claim));
    machine.event(time, RecordType.ESCROW_FUNDED, terms.outpoint(), height - 2);
    machine.event(time, RecordType.ESCROW_SPENT, terms.outpoint(), height);
    assertEquals(refused(AnswerCode.ESCROW_SPENT), decide(claim));
    machine.event(time, RecordType.ESCROW_UNSPENT, terms.outpoint(), height);
    connect();
    assertEquals(refused(AnswerCode.REFUND_TOO_NEAR), decide(claim));
  }

  @Test
  void shouldTakeNoRegistrationWhileTheNextBlocksSpendsComeIn() {
    // The spend of an outpoint that nobody registered yet passes unnoticed ...
    machine.event(time, RecordType.ESCROW_SPENT, Samples.outpoint(1), height + 1);
    // ... so its registration, seen unspent at the old tip, must wait for the block.
    assertEquals(refused(AnswerCode.CHAIN_STALE), register(Samples.terms(1)));
    Bytes32 oldTip = Samples.bytes32(height);
    connect();
    assertEquals(
        refused(AnswerCode.CHAIN_STALE),
        machine.register(time, Samples.registration(Samples.terms(1), null), FUNDED, 0, oldTip));
    assertEquals(AnswerCode.REGISTERED.number(), register(Samples.terms(2)).code());
  }

  @Test
  void shouldCloseForRegistrationsWhenARetiredSpendMayBeUndone() {
    Terms terms = Samples.terms(1);
    register(terms);
    decide(Samples.ready(terms, 1));
    connect();
    machine.event(time, RecordType.ESCROW_SPENT, terms.outpoint(), height);
    while (machine.lookup(terms.outpoint()).isPresent()) {
      connect();
    }
    assertEquals(1100, height); // spent at 1001, buried by 100 blocks
    assertEquals(AnswerCode.REGISTERED.number(), register(Samples.terms(2)).code());
    while (height >= 1001) {
      machine.disconnect(time, height, Samples.bytes32(height), Samples.bytes32(height - 1));
      height--;
    }
    assertEquals(refused(AnswerCode.CHAIN_STALE), register(terms));
    connect();
    assertEquals(refused(AnswerCode.CHAIN_STALE), register(terms));
    // What is known goes on.
    assertEquals(AnswerCode.REGISTERED.number(), register(Samples.terms(2)).code());
  }

  @Test
  void shouldTakePositionsWithoutGapFromConfigOn() {
    try (Ledger fresh = Ledger.create(POLICY)) {
      assertThrows(IllegalStateException.class, () -> fresh.tick(1, time));
      assertThrows(IllegalStateException.class, () -> fresh.configure(2, time, POLICY));
      fresh.configure(1, time, POLICY);
      assertThrows(IllegalStateException.class, () -> fresh.tick(1, time + 1));
      assertThrows(IllegalStateException.class, () -> fresh.tick(3, time + 1));
      LedgerPolicy larger = Samples.policy(2_001, 4);
      assertThrows(IllegalArgumentException.class, () -> fresh.configure(2, time, larger));
      assertEquals(1, fresh.lastPosition());
    }
  }

  @Test
  void shouldRefuseMalformedCommandsWithoutChange() {
    UnsafeBuffer payload = new UnsafeBuffer(new byte[600]);
    long before = ledger.stateDigestLow();
    for (RecordType type :
        new RecordType[] {
          RecordType.REGISTER, RecordType.BLOCK_CONNECTED, RecordType.ESCROW_SPENT, RecordType.TICK
        }) {
      for (int length : new int[] {1, 35, 69, 71, 236, 356, 600}) {
        assertEquals(
            AnswerCode.MALFORMED.number(),
            ledger.execute(3, type.number(), time, payload, 0, length));
        assertEquals(0, ledger.journalType());
      }
    }
    assertEquals(
        AnswerCode.MALFORMED.number(),
        ledger.execute(3, RecordType.ESCROW_FUNDED.number(), time, payload, 0, 40));
    assertTrue(
        AnswerCode.isKnown(ledger.execute(3, RecordType.REGISTER.number(), time, payload, 0, 235)));
    assertThrows(
        IllegalArgumentException.class,
        () -> ledger.execute(3, RecordType.GRANT.number(), time, payload, 0, 400));
    assertEquals(before, ledger.stateDigestLow());
  }

  @Test
  void shouldKeepPolicyThroughItsRecordAndHideItsKeys() {
    byte[] encoded = POLICY.encode();
    assertEquals(POLICY, LedgerPolicy.decode(new UnsafeBuffer(encoded), 0, encoded.length));
    assertFalse(POLICY.toString().contains(Long.toHexString(POLICY.hashKey0())));
    assertFalse(POLICY.toString().contains(Long.toString(POLICY.hashKey0())));
    assertThrows(IllegalArgumentException.class, () -> Samples.policy(0, 0));
    encoded[0]++;
    assertThrows(
        IllegalArgumentException.class,
        () -> LedgerPolicy.decode(new UnsafeBuffer(encoded), 0, encoded.length));
  }

  @Test
  void shouldAllocateNothingWhereClaimsPass() {
    int rounds = 5;
    int escrows = 400;
    Samples.Ready[][] claims = new Samples.Ready[2][rounds * escrows];
    for (int i = 0; i < rounds * escrows; i++) {
      register(Samples.terms(i));
      claims[0][i] = Samples.ready(Samples.terms(i), 1);
      claims[1][i] = Samples.ready(Samples.terms(i), 2);
    }
    UnsafeBuffer record = new UnsafeBuffer(new byte[1024]);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().threadId();
    threads.getThreadAllocatedBytes(self);
    // Code that allocates for a claim does so in each round; classes load and counters warm up in
    // one of them, and which one depends on the machine.
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < rounds; round++) {
      long before = threads.getThreadAllocatedBytes(self);
      pass(claims, round * escrows, (round + 1) * escrows, record);
      allocated = Math.min(allocated, threads.getThreadAllocatedBytes(self) - before);
    }
    assertEquals(0, allocated, "bytes allocated");
  }

  /** A grant, its repeat, a double-spend, its repeat, their records and the view, for each. */
  private void pass(Samples.Ready[][] claims, int from, int to, UnsafeBuffer record) {
    LedgerView view = ledger.view();
    for (int i = from; i < to; i++) {
      for (int round = 0; round < 4; round++) {
        Samples.Ready claim = claims[round / 2][i];
        view.status(time, claim.view, claim.id, 0);
        ledger.decide(ledger.lastPosition() + 1, time, claim.view, claim.id, 0);
        if (ledger.journalType() == RecordType.GRANT.number()) {
          GrantRecord.encode(record, 0, claim.id, 0, claim.view);
        } else if (ledger.journalType() == RecordType.DOUBLE_SPEND.number()) {
          DoubleSpendRecord.encode(record, 0, claim.id, 0, ledger.grantPosition(), claim.view);
        }
        ledger.encodeStateDigest(record, 512);
      }
    }
  }
}
