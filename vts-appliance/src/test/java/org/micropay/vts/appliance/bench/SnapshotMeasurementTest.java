package org.micropay.vts.appliance.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.secp256k1.Kernels;

class SnapshotMeasurementTest {
  @Test
  void shouldGrantEveryClaimWhileSnapshotsAreTaken() {
    Map<String, Object> result =
        new SnapshotMeasurement(
                Kernels.select("scalar"),
                new Sizing(2, 256, 256),
                ApplianceConfig.defaults().threads())
            .run(step -> {});
    assertEquals(2 * 2 * 256L, result.get("claims"));
    assertTrue((int) result.get("snapshots") >= 2, result.toString());
    assertTrue((long) result.get("snapshot_bytes") > 0, result.toString());
  }
}
