package org.micropay.vts.appliance.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.AnswerCode;

class DemoTableTest {
  /** Figures as wide as the options allow. */
  private static DemoReport widest(List<String> differences) {
    Map<String, Integer> refusals = new TreeMap<>();
    for (AnswerCode code : AnswerCode.values()) {
      refusals.put(code.name(), 50);
    }
    return new DemoReport(
        differences.isEmpty(),
        differences,
        "embedded regtest chain",
        "vector",
        999_999,
        123.4,
        new DemoReport.Payments(500, 8, 5_500, 5_012_345, 1_000, 5_250),
        new DemoReport.Claims(123_456, 5_000, 250, refusals, refusals, 0),
        new DemoReport.Restart(3_300, 1_500, 1.2, 105_100, 105_100, 100),
        new DemoReport.Settled(70, 5_000, 136.2, 681.4, 12_345),
        new ChainAccount.Sums(
            70,
            5_000,
            681_000,
            178_000_000,
            9_000_000,
            175_000_000,
            8_600_000,
            3_400_000,
            0,
            0,
            300),
        new DemoReport.Speed(
            123_456.7, 4, 400, Map.of("p50", 1.2, "p90", 2.3, "p99", 12.3, "max", 1_234.5)));
  }

  @Test
  void shouldFitIntoEightyColumns() {
    for (String line : DemoTable.of(widest(List.of())).split("\n")) {
      assertTrue(line.length() <= 80, () -> line.length() + " columns: " + line);
      assertEquals(line.stripTrailing(), line);
    }
  }

  @Test
  void shouldNameWhatDiffers() {
    String table = DemoTable.of(widest(List.of("claims settled: 399 by the server, 400")));
    assertTrue(table.endsWith("DIFFERS: claims settled: 399 by the server, 400"));
  }
}
