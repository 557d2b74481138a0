package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.FastOpenings;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.WinRule;

/**
 * Whether the lottery is fair: over a million tickets, merchants' openings as they are made and
 * buyers' shares from a seeded source, the win counts fit the binomial, for odds that are powers of
 * two and odds that are not. Seeds are fixed, so that the test says the same every time.
 */
class FairnessTest {
  private static final long SEED = Long.getLong("vts.seed", 20_150_612);
  private static final int BUCKETS = 64;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7, 10, 128, 1000, 1024, 65_537})
  void shouldWinAsOftenAsTheOddsSay(int odds) {
    int tickets = 1_000_000 / 8 + (odds > 1000 ? 875_000 : 0);
    Random random = new Random(SEED + odds);
    FastOpenings openings = FastOpenings.of(bytes(random, FastOpenings.SECRET_LENGTH));
    long wins = 0;
    for (int i = 0; i < tickets; i++) {
      Opening opening = openings.at(i);
      if (WinRule.wins(opening.r1(), Bytes16.of(bytes(random, Bytes16.LENGTH)), odds)) {
        wins++;
      }
    }
    WinDistribution expected = WinDistribution.of(Map.of(odds, (long) tickets));
    String said =
        "seed %d, odds 1/%d: %d of %d won, expected %.1f +- %.1f"
            .formatted(SEED, odds, wins, tickets, expected.mean(), expected.deviation());
    assertTrue(expected.atMost(wins) > 0.001 && expected.atLeast(wins) > 0.001, said);
  }

  @Test
  void shouldNotLetEitherSideSteer() {
    // A buyer who always draws the same r2, or a merchant who always draws the same r1, wins as
    // often: the other side's share decides. Chi-square over the leading bits of the XOR.
    Random random = new Random(SEED);
    FastOpenings openings = FastOpenings.of(bytes(random, FastOpenings.SECRET_LENGTH));
    long fixed = 0x0123_4567_89ab_cdefL;
    long[] counts = new long[BUCKETS];
    int tickets = 200_000;
    for (int i = 0; i < tickets; i++) {
      byte[] r1 = openings.at(i).r1().toArray();
      long u = java.nio.ByteBuffer.wrap(r1).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong();
      counts[(int) ((u ^ fixed) >>> 58)]++;
    }
    double expected = (double) tickets / BUCKETS;
    double chiSquare = 0;
    for (long count : counts) {
      chiSquare += (count - expected) * (count - expected) / expected;
    }
    // 63 degrees of freedom: 0.1% and 99.9% quantiles.
    assertTrue(chiSquare > 32.0 && chiSquare < 103.4, "seed " + SEED + ": " + chiSquare);
  }

  @Test
  void shouldAgreeWithThePapersFiguresOfVariance() {
    // Exact binomial tails at 1/128: P(revenue < 80% of expected) at 15,000 tickets.
    WinDistribution at15000 = WinDistribution.of(Map.of(128, 15_000L));
    assertEquals(0.0119, at15000.atMost((long) Math.ceil(0.8 * at15000.mean()) - 1), 0.0001);
    WinDistribution at50000 = WinDistribution.of(Map.of(128, 50_000L));
    assertEquals(0.0220, at50000.atMost((long) Math.ceil(0.9 * at50000.mean()) - 1), 0.0001);
    WinDistribution at512 = WinDistribution.of(Map.of(512, 50_000L));
    assertEquals(0.0232, at512.atMost((long) Math.ceil(0.8 * at512.mean()) - 1), 0.0001);
    WinDistribution thousand = WinDistribution.of(Map.of(128, 1_000L));
    assertEquals(0.143, thousand.atMost(7) - thousand.atMost(6), 0.001);
  }

  @Test
  void shouldAddUpTicketsOfDifferentOdds() {
    WinDistribution both = WinDistribution.of(Map.of(2, 3L, 4, 2L));
    // By hand: 3 tickets at 1/2, 2 at 1/4; P(0) = 1/8 * 9/16, P(5) = 1/8 * 1/16.
    assertEquals(9.0 / 128, both.atMost(0), 1e-12);
    assertEquals(1.0 / 128, both.atLeast(5), 1e-12);
    assertEquals(2.0, both.mean(), 1e-12);
    assertEquals(1, both.atMost(5), 1e-12);
    assertEquals(2, both.quantile(0.5));
  }

  @Test
  void shouldPassFromExactToNormalWithoutAStep() {
    WinDistribution exact = WinDistribution.of(Map.of(100, 199_000L));
    WinDistribution normal = WinDistribution.of(Map.of(100, 201_000L));
    for (double z : new double[] {-3, -1, 0, 1, 3}) {
      double below = exact.atMost((long) (exact.mean() + z * exact.deviation()));
      double above = normal.atMost((long) (normal.mean() + z * normal.deviation()));
      assertEquals(below, above, 0.01, "at " + z);
    }
    assertEquals(exact.quantile(0.975) - exact.mean(), 1.96 * exact.deviation(), 2);
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
