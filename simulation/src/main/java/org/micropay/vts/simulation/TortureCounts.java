package org.micropay.vts.simulation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What the torture has done and seen so far. One thread. */
final class TortureCounts {
  long kills;
  long images;
  long flips;
  long flipsNamed;
  long flipsAtTail;
  final Map<String, Long> flipsWithoutEffect = new TreeMap<>();
  final Map<String, Long> sweep = new TreeMap<>();
  long systemCalls;
  long acknowledged;
  long grants;
  SimulationReport simulated = SimulationReport.NONE;

  /** Names and numbers, in the order in which people want to read them. */
  Map<String, Object> toMap(long seed) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("seed", seed);
    map.put("kills", kills);
    map.put("powerLossImages", images);
    map.put("bitFlips", flips);
    map.put("bitFlipsNamed", flipsNamed);
    map.put("bitFlipsAtUnacknowledgedTail", flipsAtTail);
    map.put("bitFlipsWithoutEffect", flipsWithoutEffect);
    map.put("systemCallFaults", systemCalls);
    map.put("systemCallOutcomes", sweep);
    map.put("simulatedSeeds", simulated.seeds());
    map.put("simulatedClaims", simulated.claims());
    map.put("simulatedRequests", simulated.requests());
    map.put("simulatedKills", simulated.kills());
    map.put("simulatedPowerLosses", simulated.powerLosses());
    map.put("simulatedDiskFaults", simulated.diskFaults());
    map.put("simulatedFlips", simulated.flips());
    map.put("simulatedReorganizations", simulated.reorganizations());
    map.put("simulatedClockJumps", simulated.clockJumps());
    map.put("simulatedNetworkFaults", simulated.disturbances());
    map.put("simulatedSettled", simulated.settled());
    map.put("acknowledged", acknowledged + simulated.receipts());
    map.put("lost", 0);
    map.put("doubleGrants", 0);
    return map;
  }
}
