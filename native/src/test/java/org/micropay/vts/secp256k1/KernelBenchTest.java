package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KernelBenchTest {
  @Test
  void shouldReportEveryContenderForEveryOperationAndCoreCount() {
    Kernel kernel = Kernels.select(Kernels.AUTO);
    List<Integer> pinned = java.util.Collections.synchronizedList(new ArrayList<>());
    KernelBench.Report report =
        KernelBench.run(new KernelBench.Options(kernel, 9, 2, 2, pinned::add));
    Map<String, Object> map = report.toMap();
    assertEquals(kernel.name(), map.get("kernel"));
    assertEquals(kernel.reason(), map.get("reason"));
    for (String operation : List.of("verify", "sign", "vtsCheck")) {
      Map<?, ?> timing = (Map<?, ?>) map.get(operation);
      assertEquals(Set.of("ours_ns", "jni_ns", "c_ns", "ratio_c_over_ours"), timing.keySet());
      timing.values().forEach(value -> assertTrue((double) value > 0, operation));
    }
    assertEquals(Set.of("1", "2"), ((Map<?, ?>) map.get("per_cores")).keySet());
    pinned.sort(null);
    assertEquals(List.of(0, 0, 1), pinned);
  }

  @Test
  void shouldRefuseAnEmptyMeasurement() {
    Kernel kernel = Kernels.select(Kernels.SCALAR);
    for (int[] bad : new int[][] {{0, 1, 1}, {1, 0, 1}, {1, 1, 0}}) {
      KernelBench.Options options =
          new KernelBench.Options(kernel, bad[0], bad[1], bad[2], thread -> {});
      assertThrows(IllegalArgumentException.class, () -> KernelBench.run(options));
    }
  }

  /** A measurement compares like with like only if all of them produce the same bytes. */
  @Test
  void shouldGetTheSameSignaturesFromEveryContender() {
    byte[] secret = Reference.bytes(java.math.BigInteger.valueOf(77));
    try (VtsCheck data = VtsCheck.generate(9);
        SecretKey key = SecretKey.moveFrom(secret.clone());
        Contender ours = Contender.Ours.create(data, Kernels.select(Kernels.SCALAR), key);
        Contender jni = new Contender.Jni(data, secret, key.publicKey());
        Contender c = Contender.C.create(data, key)) {
      List<Integer> seen = new ArrayList<>();
      for (Contender contender : List.of(ours, jni, c)) {
        data.reset();
        data.counterSignatures.fill((byte) 0);
        contender.check();
        data.requireValid(18, 9, "contender");
        seen.add(
            java.util.Arrays.hashCode(
                data.counterSignatures.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
      }
      assertEquals(1, Set.copyOf(seen).size());
    }
  }
}
