package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProcessHardeningTest {
  /** In a process of its own: hardening cannot be undone. */
  @Test
  void shouldForbidCoreDumps() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Probe.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("false true", output.strip());
    assertEquals(0, process.waitFor());
  }

  /** Prints whether the process is hardened, before and after. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] args) {
      boolean before = ProcessHardening.isHardened();
      ProcessHardening.forbidCoreDumps();
      System.out.println(before + " " + ProcessHardening.isHardened());
    }
  }
}
