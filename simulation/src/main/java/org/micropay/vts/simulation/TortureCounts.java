package org.micropay.vts.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the torture has done and seen so far. One thread. */
final class TortureCounts {
  private static final String COMMAND = "vts torture ";

  long kills;
  long images;
  long flips;
  long flipsNamed;
  long flipsAtTail;
  final Map<String, Long> flipsWithoutEffect = new TreeMap<>();
  long sweepPoints;
  long systemCalls;
  final Map<String, Long> sweptCalls = new TreeMap<>();
  final Map<String, Long> sweep = new TreeMap<>();
  long tornEnds;
  SimulationReport simulated = SimulationReport.NONE;
  private final List<TortureReport.Finding> findings = new ArrayList<>();
  private long acknowledged;
  private long grants;
  private long lost;
  private long doubleGrants;

  /** Answers were given that rest on a record; so many of them are grants. */
  void acknowledge(long answers, long granted) {
    acknowledged += answers;
    grants += granted;
  }

  /** A checker has found something. */
  void find(String attack, Violation violation, String replay) {
    switch (violation.kind()) {
      case LOST -> lost += violation.count();
      case DOUBLE_GRANT -> doubleGrants += violation.count();
      case OTHER -> {}
    }
    find(attack, violation.checker(), violation.getMessage(), replay);
  }

  /** A simulated history ended early. */
  void find(String attack, SimulationFailure failure, String replay) {
    if (failure.getCause() instanceof Violation violation) {
      find(attack, violation, replay);
    } else {
      find(attack, failure.checker(), failure.getMessage(), replay);
    }
  }

  private void find(String attack, String checker, String message, String replay) {
    findings.add(new TortureReport.Finding(attack, checker, message, COMMAND + replay));
  }

  int findings() {
    return findings.size();
  }

  long acknowledged() {
    return acknowledged + simulated.acknowledged();
  }

  /** Half a line for the person who waits. */
  String verdict() {
    String held = "%,d answers acknowledged, %,d lost, %,d double grants";
    String text = held.formatted(acknowledged(), lost, doubleGrants);
    return findings.isEmpty() ? text : text + ", %d FINDINGS".formatted(findings.size());
  }

  TortureReport report(long seed, double seconds) {
    return new TortureReport(
        seed,
        seconds,
        kills,
        images,
        new TortureReport.BitFlips(
            flips, flipsNamed, flipsAtTail, new TreeMap<>(flipsWithoutEffect)),
        new TortureReport.SystemCalls(
            sweepPoints, systemCalls, new TreeMap<>(sweptCalls), new TreeMap<>(sweep)),
        simulated,
        acknowledged(),
        lost,
        grants + simulated.grants(),
        doubleGrants,
        flipsNamed + flipsAtTail + tornEnds + simulated.flipsDetected(),
        List.copyOf(findings));
  }
}
