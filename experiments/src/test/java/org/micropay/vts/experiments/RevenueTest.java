package org.micropay.vts.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The lottery's statistics against known values, and both ways of getting them against another. */
class RevenueTest {
  private static final long SEED = Long.getLong("vts.seed", 20150512L);

  @Test
  void shouldGiveThePublishedTails() {
    Map.of(15_000L, 0.0119, 5_000L, 0.109, 25_000L, 0.0020, 35_000L, 0.0003)
        .forEach(
            (n, p) ->
                assertEquals(
                    p, Revenue.exact(n, 128).below80(), p * 0.2 + 5e-5, n + " below 80 %"));
    Map.of(50_000L, 0.0220, 5_000L, 0.290, 25_000L, 0.075, 35_000L, 0.049)
        .forEach(
            (n, p) ->
                assertEquals(p, Revenue.exact(n, 128).below90(), p * 0.02, n + " below 90 %"));
    assertEquals(0.0232, Revenue.exact(50_000, 512).below80(), 0.0001);
    assertEquals(0.076, Revenue.exact(100_000, 512).below90(), 0.001);
  }

  @Test
  void shouldCountWholeWinsOnly() {
    // 80 % of 100 expected wins are 80, and 80 is not below.
    assertEquals(79, Revenue.mostBelow(12_800, 128, 80));
    assertEquals(80, Revenue.mostBelow(12_801, 128, 80));
    assertEquals(-1, Revenue.mostBelow(0, 128, 80));
  }

  @Test
  void shouldGiveThePublishedPrices() {
    List<Revenue.PriceBar> bars = Revenue.prices(1_000, 128);
    Revenue.PriceBar likeliest =
        bars.stream().max((a, b) -> Double.compare(a.probability(), b.probability())).orElseThrow();
    assertEquals(7, likeliest.wins());
    assertEquals(0.143, likeliest.probability(), 0.0005);
    assertEquals(0.9947, Revenue.priceWithin(10_000, 128, 0.7, 1.33), 0.0003);
  }

  @Test
  void shouldFindTheSameBySimulation() {
    int trials = 4_000;
    long[] stops = {5_000, 15_000};
    for (int odds : new int[] {100, 128}) {
      List<Revenue.Simulated> simulated = Revenue.simulate(odds, stops, trials, SEED);
      for (Revenue.Simulated point : simulated) {
        double exact = Revenue.exact(point.tickets(), odds).below90();
        double found = (double) point.below90() / trials;
        double deviation = Math.sqrt(exact * (1 - exact) / trials);
        assertTrue(
            Math.abs(found - exact) < 6 * deviation,
            () ->
                "1/%d, %d tickets: %f, exact %f, seed %d"
                    .formatted(odds, point.tickets(), found, exact, SEED));
      }
      assertEquals(simulated, Revenue.simulate(odds, stops, trials, SEED), "same seed");
    }
  }
}
