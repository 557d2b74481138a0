package org.micropay.vts.appliance.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.ticket.Claim;

/**
 * A client that others wrote (npm's @sigstore/verify, brought by ops/interop) accepts the proofs of
 * a running server, and refuses each of them after a change.
 */
class LogInteropTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path ROOT = Path.of(System.getProperty("vts.root", ".."));

  @TempDir Path directory;

  private record Ran(int exit, String text) {}

  private static Ran run(String... words) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(words).directory(ROOT.toFile()).redirectErrorStream(true).start();
    String text =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return new Ran(process.waitFor(), text);
  }

  /** Brings the client; where there is none to be had, only CI insists. */
  private static void bringClient() throws InterruptedException {
    String why;
    try {
      Ran brought = run("ops/interop/get-tlog-client.sh", "build/tlog-client");
      if (brought.exit == 0) {
        return;
      }
      why = brought.text;
    } catch (IOException e) {
      why = e.getMessage();
    }
    if ("true".equals(System.getenv("CI"))) {
      fail("CI=true demands the client of ops/interop: " + why);
    }
    assumeTrue(false, why);
  }

  @Test
  void shouldSatisfyAClientOfOthers() throws Exception {
    bringClient();
    List<Map<String, String>> proofs = new ArrayList<>();
    String logKey;
    try (TestServer server = TestServer.start(directory.resolve("vts"))) {
      logKey = server.http().get("/v1/supported").body().path("logKey").asText();
      for (TestEscrow escrow : server.escrows(7)) {
        Claim claim = escrow.winner();
        server.http().claim(claim);
        String path = "/v1/proofs/" + claim.id();
        Poll.until("the log covers it", () -> server.http().get(path).status() == 200);
        JsonNode proof = server.http().get(path).body();
        proofs.add(
            Map.of("leaf", proof.path("leaf").asText(), "proof", proof.path("proof").asText()));
      }
    }
    Path file = directory.resolve("proofs.json");
    JSON.writeValue(file.toFile(), Map.of("logKey", logKey, "proofs", proofs));
    Ran checked = run("node", "ops/interop/check-proofs.js", "build/tlog-client", file.toString());
    assertEquals("7 proofs hold", checked.text);
    assertEquals(0, checked.exit);
  }
}
