package org.micropay.vts.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.FeeDescriptor;
import org.micropay.vts.ticket.Address;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;

/** The fee wallet's commands; its key is rotated between two runs of one server. */
class WalletCommandTest {
  private static final long COIN = 300_000;

  @TempDir static Path directory;

  private static CommandRun wallet(String command, String... more) {
    List<String> words =
        new java.util.ArrayList<>(
            List.of(
                "wallet",
                command,
                "-c",
                directory.resolve("server/vts.toml").toString(),
                "--json"));
    words.addAll(List.of(more));
    CommandRun run = CommandRun.of(words.toArray(String[]::new));
    assertEquals(0, run.exit(), run.err() + run.out());
    return run;
  }

  private static String address() {
    return wallet("addresses").json().path(0).path("address").asText();
  }

  private static PayoutScript script() {
    return Address.decode(Network.REGTEST, address());
  }

  /** Two claims, in one batch or two, and six confirmations. */
  private static void settle(TestServer server, int settledBefore) {
    for (TestEscrow escrow : server.escrows(2)) {
      assertTrue(server.http().claim(escrow.winner()).isGranted());
    }
    // Mining until it is done: a batch may be sent a moment after a block.
    Poll.until(
        "both are settled",
        () -> {
          server.mine(1);
          return total(server, "settled") == settledBefore + 2;
        });
  }

  private static long total(TestServer server, String name) {
    JsonNode settlement = server.http().get("/v1/status").body().path("settlement");
    return settlement.path("totals").path(name).asLong();
  }

  private static void fund(TestServer server) {
    server.fund(List.of(TestServer.output(script().toHex(), COIN)));
    server.mine(1);
  }

  @Test
  void shouldRotateTheKeyAndKeepTheBooks() throws IOException {
    Path home = directory.resolve("server");
    Path config = home.resolve("vts.toml");
    TestServer.prepare(home, "", "");
    String quick = "\n[settlement]\nmax_age_seconds = 0\n";
    Files.writeString(config, Files.readString(config) + quick);
    String first;
    try (TestServer server = TestServer.resume(home)) {
      first = address();
      fund(server);
      settle(server, 0);
    }
    JsonNode before = wallet("balance").json();
    assertTrue(before.path("satoshi").asLong() > 0);
    String descriptor = wallet("descriptor").json().path("descriptor").asText();
    assertEquals(descriptor, FeeDescriptor.parse(descriptor, Network.REGTEST).toString());
    String second;
    try (SecretKey fresh = SecretKey.generate()) {
      fresh.writeTo(home.resolve("keys/fee2.key"));
      second =
          Address.encode(
              Network.REGTEST, FeeDescriptor.ofKey(PublicKey.of(fresh.publicKey())).script(0));
    }
    JsonNode swept = wallet("sweep", "--to", second).json();
    assertEquals(before.path("satoshi").asLong(), sum(swept));
    Files.writeString(config, Files.readString(config) + "\n[keys]\nfee = \"keys/fee2.key\"\n");
    assertEquals(second, address());
    try (TestServer server = TestServer.resume(home)) {
      // The embedded chain forgets its mempool with the process; a node would have kept the sweep.
      fund(server);
      settle(server, 2);
      assertEquals(
          0, CommandRun.of("settle", "account", "--server", server.httpUri().toString()).exit());
    }
    assertLabels(first, second);
  }

  private static long sum(JsonNode swept) {
    return swept.path("satoshi").asLong() + swept.path("fee").asLong();
  }

  private static void assertLabels(String first, String second) throws IOException {
    Path out = directory.resolve("labels.jsonl");
    JsonNode made = wallet("labels", "--out", out.toString()).json();
    List<String> lines = Files.readAllLines(out);
    assertEquals(made.path("labels").asInt(), lines.size());
    int payouts = 0;
    for (String line : lines) {
      JsonNode label = new ObjectMapper().readTree(line);
      assertTrue(
          List.of("tx", "input", "output", "addr").contains(label.path("type").asText()), line);
      assertTrue(label.path("label").asText().startsWith("vts "), line);
      payouts += label.path("label").asText().startsWith("vts payout of the claim") ? 1 : 0;
    }
    assertEquals(4, payouts, lines::toString);
    assertTrue(lines.stream().anyMatch(line -> line.contains(first)));
    assertTrue(lines.stream().anyMatch(line -> line.contains(second)));
  }

  @Test
  void shouldExplainAWrongDescriptor() throws IOException {
    Path config = TestServer.prepare(directory.resolve("wrong"), "", "");
    Files.writeString(
        config, Files.readString(config) + "\n[keys]\nfee_descriptor = \"wpkh(xpub)\"\n");
    CommandRun run = CommandRun.of("wallet", "descriptor", "-c", config.toString());
    assertEquals(ExitCode.CONFIG.number(), run.exit());
    assertTrue(run.err().contains("checksum"), run.err());
    assertEquals(ExitCode.USAGE.number(), CommandRun.of("wallet").exit());
  }
}
