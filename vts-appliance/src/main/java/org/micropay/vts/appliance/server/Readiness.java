package org.micropay.vts.appliance.server;

import java.util.List;

/**
 * Whether the server would grant a good claim now.
 *
 * @param ready true when nothing stands in the way
 * @param reasons what stands in the way, one line each; empty when ready
 */
public record Readiness(boolean ready, List<String> reasons) {
  /** Ready exactly when there is no reason against it. */
  public static Readiness of(List<String> reasons) {
    return new Readiness(reasons.isEmpty(), List.copyOf(reasons));
  }
}
