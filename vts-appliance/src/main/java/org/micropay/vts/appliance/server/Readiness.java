package org.micropay.vts.appliance.server;

import java.util.List;
import java.util.Map;

/**
 * Whether the server would grant a good claim now.
 *
 * @param ready true when nothing stands in the way
 * @param codes what stands in the way, for programs: names of {@link ReadinessCode} and of {@link
 *     org.micropay.vts.settlement.ChainCode}
 * @param reasons the same for people, one line each, in the order of the codes
 */
public record Readiness(boolean ready, List<String> codes, List<String> reasons) {
  /** Ready exactly when there is no reason against it; a map of codes to lines, in order. */
  public static Readiness of(Map<String, String> reasons) {
    return new Readiness(
        reasons.isEmpty(), List.copyOf(reasons.keySet()), List.copyOf(reasons.values()));
  }
}
