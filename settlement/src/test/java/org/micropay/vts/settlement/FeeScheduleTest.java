package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a batch pays, first and when it is raised, against the table in docs/SETTLEMENT.md. */
class FeeScheduleTest {
  private static final int URGENT = 72;
  private static final int DEADLINE = 1_000;
  private static final FeeRate FLOOR = rate(2);
  private static final FeeRate CAP = rate(200);
  private static final FeeRate FALLBACK = rate(5);
  private static final SettlementPolicy POLICY =
      new SettlementPolicy(
          75,
          600_000,
          6,
          6,
          FALLBACK,
          FLOOR,
          CAP,
          3,
          8,
          100_000,
          30_000,
          new SettlementPolicy.Patience(new FeeRate(Long.MAX_VALUE), 0, URGENT));

  private final FeeSchedule fees = new FeeSchedule(POLICY);
  private final List<Integer> targets = new ArrayList<>();
  private Optional<FeeRate> estimate = Optional.empty();
  private Chain chain;

  @BeforeEach
  void listen() {
    chain =
        (Chain)
            Proxy.newProxyInstance(
                Chain.class.getClassLoader(),
                new Class<?>[] {Chain.class},
                (proxy, method, arguments) -> {
                  assertEquals("estimateFeeRate", method.getName(), "fees ask nothing else");
                  targets.add((Integer) arguments[0]);
                  return estimate;
                });
  }

  private static FeeRate rate(long satPerVbyte) {
    return new FeeRate(1_000 * satPerVbyte);
  }

  /** The first rate with so many blocks left. */
  private FeeRate first(int blocksLeft, Optional<FeeRate> override) {
    return fees.first(chain, override, DEADLINE - blocksLeft, DEADLINE);
  }

  private FeeRate raised(FeeRate stuck, int blocksLeft) {
    return fees.raised(chain, Optional.empty(), stuck, DEADLINE - blocksLeft, DEADLINE);
  }

  @Test
  void shouldTakeTheEstimateWithinFloorAndCap() {
    assertEquals(FALLBACK, first(500, Optional.empty()), "no estimate");
    estimate = Optional.of(rate(17));
    assertEquals(rate(17), first(500, Optional.empty()));
    estimate = Optional.of(rate(1));
    assertEquals(FLOOR, first(500, Optional.empty()));
    estimate = Optional.of(rate(900));
    assertEquals(CAP, first(500, Optional.empty()));
  }

  @Test
  void shouldTakeTheOperatorsRateWithinFloorAndCap() {
    estimate = Optional.of(rate(17));
    assertEquals(rate(40), first(500, Optional.of(rate(40))));
    assertEquals(rate(40), first(3, Optional.of(rate(40))), "near a refund as well");
    assertEquals(FLOOR, first(500, Optional.of(rate(1))));
    assertEquals(CAP, first(500, Optional.of(rate(1_000))));
  }

  @Test
  void shouldAimSoonerWhenARefundIsNear() {
    int[] left = {500, URGENT + 1, URGENT, 18, 17, 6, 3, 1, 0, -5};
    for (int blocks : left) {
      first(blocks, Optional.empty());
    }
    assertEquals(List.of(6, 6, 6, 6, 5, 2, 1, 1, 1, 1), targets);
    assertFalse(fees.isUrgent(DEADLINE - URGENT - 1, DEADLINE));
    assertTrue(fees.isUrgent(DEADLINE - URGENT, DEADLINE));
    assertTrue(fees.isUrgent(DEADLINE + 1, DEADLINE), "it is past already");
    assertFalse(fees.isUrgent(800_000, Integer.MAX_VALUE), "no claim waits");
  }

  @Test
  void shouldRaiseByAQuarterAndTheRelayRate() {
    assertEquals(new FeeRate(13_500), raised(rate(10), 500));
    estimate = Optional.of(rate(60));
    assertEquals(rate(60), raised(rate(10), 500), "the estimate has run ahead");
    assertEquals(CAP, raised(rate(199), 500));
    assertEquals(CAP, raised(CAP, 500), "the cap holds, and the batch is stuck");
    assertEquals(3, fees.bumpAfterBlocks(DEADLINE - 500, DEADLINE));
    assertEquals(1, fees.bumpAfterBlocks(DEADLINE - URGENT, DEADLINE));
  }

  @Test
  void shouldReachTheCapAtTheRefund() {
    estimate = Optional.of(rate(20));
    assertEquals(rate(20), raised(rate(2), URGENT), "the line begins at the first rate");
    assertEquals(rate(110), raised(rate(2), URGENT / 2), "half way, half of 20 to 200");
    assertEquals(CAP, raised(rate(2), 0));
    assertEquals(CAP, raised(rate(2), -10));
  }

  /** However estimates jump: never out of bounds, never a step down, at the cap in the end. */
  @Test
  void shouldNeverLowerWhatIsStuck() {
    long seed = Long.getLong("vts.seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int way = 0; way < 200; way++) {
      FeeRate paid = first(2 * URGENT, Optional.empty());
      for (int left = 2 * URGENT; left >= 0; left--) {
        estimate =
            random.nextInt(4) == 0
                ? Optional.empty()
                : Optional.of(new FeeRate(random.nextInt(1_000_000)));
        FeeRate next = raised(paid, left);
        String where = "seed " + seed + ", " + left + " blocks left, " + paid + " to " + next;
        assertTrue(next.compareTo(paid) > 0 || next.equals(CAP), where);
        assertTrue(next.compareTo(FLOOR) >= 0 && next.compareTo(CAP) <= 0, where);
        paid = random.nextBoolean() ? next : paid;
      }
      assertEquals(CAP, raised(paid, 0), "seed " + seed);
    }
  }
}
