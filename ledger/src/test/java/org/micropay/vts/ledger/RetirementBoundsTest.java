package org.micropay.vts.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Terms;

/** Over more slots than one block has, which the naive model's small world does not. */
class RetirementBoundsTest {
  private static final int BLOCK = RetirementBounds.BLOCK;
  private static final int CAPACITY = 2 * BLOCK + 77;
  private static final LedgerPolicy POLICY = Samples.policy(CAPACITY, 4);
  private static final int COMMANDS = 12_000;
  private static final int DEPTH = 100;
  private static final long TIME = Samples.START_MILLIS;

  @Test
  void shouldNameTheLowestHeightsOfEachBlock() {
    RetirementBounds bounds = new RetirementBounds(CAPACITY);
    assertFalse(bounds.mayBeDue(0, Integer.MAX_VALUE, DEPTH), "nothing there");
    bounds.refundable(BLOCK, 1000);
    bounds.refundable(2 * BLOCK - 1, 900);
    bounds.spent(CAPACITY - 1, 500);
    bounds.spent(CAPACITY - 1, 0);
    assertFalse(bounds.mayBeDue(BLOCK, 900 + DEPTH - 1, DEPTH));
    assertTrue(bounds.mayBeDue(BLOCK, 900 + DEPTH, DEPTH));
    assertFalse(bounds.mayBeDue(2 * BLOCK, 500 + DEPTH - 2, DEPTH));
    assertTrue(bounds.mayBeDue(2 * BLOCK, 500 + DEPTH - 1, DEPTH));
    assertFalse(bounds.mayBeDue(0, Integer.MAX_VALUE, DEPTH), "another block");
    bounds.clear(BLOCK + 1);
    assertFalse(bounds.mayBeDue(BLOCK, Integer.MAX_VALUE, DEPTH), "cleared");
    assertEquals(BLOCK, RetirementBounds.endOfBlock(BLOCK - 1));
    assertEquals(2 * BLOCK, RetirementBounds.endOfBlock(BLOCK));
  }

  @Test
  void shouldRetireWhatALookAtEverySlotRetires() {
    SplittableRandom random = Samples.random("shouldRetireWhatALookAtEverySlotRetires");
    LedgerState state = LedgerState.create(POLICY, 0, 0);
    Retirement everySlot =
        new Retirement(state) {
          @Override
          boolean mayBeDue(int slot) {
            return true;
          }
        };
    RecordedLedger bounded = new RecordedLedger(Ledger.create(POLICY));
    try (RecordedLedger naive =
        new RecordedLedger(new Ledger(state, new ClaimRules(), everySlot))) {
      World world = new World(random);
      assertEquals(naive.configure(TIME, POLICY), bounded.configure(TIME, POLICY));
      for (int i = 0; i < COMMANDS; i++) {
        Function<Machine, Answer> command = world.next();
        assertEquals(command.apply(naive), command.apply(bounded), "answer to command " + i);
        assertEquals(naive.ledger.stateDigestLow(), bounded.ledger.stateDigestLow(), "at " + i);
        if (i % (COMMANDS / 4) == COMMANDS / 8) {
          // That spends were seen before their block is not in a snapshot; a block ends it.
          Function<Machine, Answer> block = world.connect();
          assertEquals(block.apply(naive), block.apply(bounded));
          bounded = throughSnapshot(bounded);
        }
      }
      int there = naive.escrowCount();
      System.out.printf("%d registered, %d left%n", world.registered, there);
      assertEquals(there, bounded.escrowCount());
      assertTrue(there > BLOCK && world.registered - there > BLOCK, "too little was retired");
    } finally {
      bounded.close();
    }
  }

  private static RecordedLedger throughSnapshot(RecordedLedger recorded) {
    try (recorded) {
      return new RecordedLedger(ReplayTest.load(ReplayTest.snapshot(recorded.ledger)));
    }
  }

  /** Escrows come, are granted, spent, unspent and forgotten, in a chain that grows and shrinks. */
  private static final class World {
    private final SplittableRandom random;
    private final List<Bytes32> chain = new ArrayList<>(List.of(Bytes32.ZERO));
    private final List<Terms> escrows = new ArrayList<>();
    private int registered;
    private long blocksMade;

    World(SplittableRandom random) {
      this.random = random;
    }

    private int height() {
      return chain.size() - 1;
    }

    Function<Machine, Answer> next() {
      int dice = random.nextInt(100);
      if (chain.size() < 3 || dice < 10) {
        return connect();
      }
      if (dice < 13) {
        return disconnect();
      }
      if (dice < 60 || escrows.isEmpty()) {
        return register();
      }
      Terms terms = escrows.get(random.nextInt(escrows.size()));
      if (dice < 80) {
        Samples.Ready ready = Samples.ready(terms, 1);
        return m -> m.decide(TIME, Samples.claim(terms, 1, Samples.NO_EXPIRY), ready.claimId());
      }
      RecordType type = dice < 96 ? RecordType.ESCROW_SPENT : RecordType.ESCROW_UNSPENT;
      int height = Math.max(1, height() + 1 - random.nextInt(3));
      return m -> m.event(TIME, type, terms.outpoint(), height);
    }

    private Function<Machine, Answer> connect() {
      int first = height() + 1;
      int count = 1 + random.nextInt(4);
      List<Bytes32> hashes = new ArrayList<>(List.of(chain.getLast()));
      for (int i = 0; i < count; i++) {
        chain.add(Samples.bytes32(++blocksMade));
        hashes.add(chain.getLast());
      }
      return m -> {
        Answer answer = null;
        for (int i = 0; i < count; i++) {
          answer = m.connect(TIME, first + i, hashes.get(i + 1), hashes.get(i));
        }
        return answer;
      };
    }

    private Function<Machine, Answer> disconnect() {
      int height = height();
      Bytes32 hash = chain.removeLast();
      Bytes32 parent = chain.getLast();
      return m -> m.disconnect(TIME, height, hash, parent);
    }

    private Function<Machine, Answer> register() {
      int refund = height() + POLICY.refundMargin() + 1 + random.nextInt(900);
      Terms terms = Samples.terms(registered++, 128, refund);
      escrows.add(terms);
      int funded = Math.max(1, height() - random.nextInt(4));
      Bytes32 seen = chain.getLast();
      return m -> m.register(TIME, Samples.registration(terms, null), funded, 0, seen);
    }
  }
}
