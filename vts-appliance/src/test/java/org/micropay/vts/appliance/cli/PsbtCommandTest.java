package org.micropay.vts.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.server.VtsServer;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.Nodes;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.RegtestNode;
import org.micropay.vts.ticket.Address;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;

/**
 * The way of the holder of a cold fee wallet, as docs/KEYS-AND-ACCOUNT.md tells it: a server that
 * knows a descriptor, and a real node's wallet that signs what the commands write.
 */
class PsbtCommandTest {
  private static final long COIN = 200_000;

  @TempDir static Path folder;
  private static RegtestNode node;
  private static Path config;
  private static VtsServer server;
  private static String url;
  private static VtsHttpClient http;

  @BeforeAll
  static void start() throws IOException {
    node = Nodes.startWithWallets(folder.resolve("node"));
    node.mature(5);
    node.walletCall("createwallet", "cold");
    config = configure(descriptor());
    // The address as the command prints it is where the holder sends the coins.
    String address =
        run("wallet", "addresses", "-c", config.toString(), "--json")
            .json()
            .path(0)
            .path("address")
            .asText();
    byte[] script = Address.decode(Network.REGTEST, address).toArray();
    node.fund(script, COIN);
    node.fund(script, COIN + 1);
    node.mine(1);
    server = VtsServer.start(ConfigFile.read(config), (stage, cause) -> {});
    url = "http://127.0.0.1:" + server.httpAddress().getPort();
    http = new VtsHttpClient(URI.create(url));
    Poll.until("the server is ready", () -> server.readiness().ready());
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      http.close();
      server.close();
    }
    if (node != null) {
      node.close();
    }
  }

  private static String descriptor() {
    for (JsonNode one : node.walletCall("listdescriptors").path("descriptors")) {
      String text = one.path("desc").asText();
      if (text.startsWith("wpkh(") && text.contains("/0/*")) {
        return text;
      }
    }
    throw new AssertionError("the node's wallet has no wpkh descriptor");
  }

  private static Path configure(String descriptor) throws IOException {
    Files.createDirectories(folder.resolve("vts/keys"));
    try (SecretKey key = SecretKey.generate()) {
      key.writeTo(folder.resolve("vts/keys/vts.key"));
    }
    return Files.writeString(
        folder.resolve("vts/vts.toml"),
        """
        [chain]
        kind = "bitcoind"
        network = "regtest"
        rpc = "127.0.0.1:%d"
        cookie_file = "%s"
        zmq = "%s"
        [keys]
        fee_descriptor = "%s"
        [policy]
        min_confirmations = 1
        refund_margin = 6
        capacity = 1000
        [journal]
        reserve_megabytes = 128
        [stream]
        listen = "127.0.0.1:0"
        [http]
        listen = "127.0.0.1:0"
        [settlement]
        max_age_seconds = 1
        confirmations = 2
        [threads]
        pin = false
        ring_size = 1024
        [crypto]
        kernel = "scalar"
        """
            .formatted(node.rpcPort(), node.cookieFile(), node.zmqEndpoint(), descriptor));
  }

  private static CommandRun run(String... words) {
    CommandRun run = CommandRun.of(words);
    assertEquals(0, run.exit(), run.err() + run.out());
    return run;
  }

  /** Claims that wait for a signature: their escrows hold too little for a fee. */
  private static void grant(int count) {
    grant(count, 100);
    Poll.until("a signature is asked for", () -> status().path("alarms").has("SIGNATURE_NEEDED"));
  }

  private static void grant(int count, long allowance) {
    PublicKey vtsKey = PublicKey.fromHex(http.get("/v1/supported").body().path("vtsKey").asText());
    List<TestEscrow> escrows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TestEscrow.Draft draft = TestEscrow.draft(vtsKey, 100_000);
      byte[] script = java.util.HexFormat.of().parseHex(draft.scriptHex());
      escrows.add(
          draft
              .at(node.fund(script, TestServer.VALUE))
              .with(TestServer.VALUE - allowance, TestServer.ODDS));
    }
    node.mine(1);
    // Before it has seen the block, the server answers that there is no funding yet.
    Poll.until("the block is followed", () -> isFollowed(node.chain().tip().height()));
    for (TestEscrow escrow : escrows) {
      VtsHttpClient.Answer answer = http.register(escrow.registration());
      assertEquals(AnswerCode.REGISTERED, answer.code(), answer.body().toString());
      assertTrue(http.claim(escrow.winner()).isGranted());
    }
  }

  private static boolean isFollowed(int height) {
    return http.get("/v1/status").body().path("chain").path("height").asInt() == height
        && server.readiness().ready();
  }

  private static JsonNode status() {
    return http.get("/v1/status").body().path("settlement");
  }

  private static long total(String name) {
    return status().path("totals").path(name).asLong();
  }

  private static String sign(String base64) {
    JsonNode signed = node.walletCall("walletprocesspsbt", base64);
    assertTrue(signed.path("complete").asBoolean(), signed.toString());
    return signed.path("psbt").asText();
  }

  private static void settled(long claims) {
    // Mining until it is done, since a batch may be sent a moment after a block; never ahead of the
    // server, which sends nothing while it catches up.
    Poll.until(
        claims + " claims are settled",
        () -> {
          node.mine(1);
          int height = node.chain().tip().height();
          Poll.until("block " + height + " is followed", () -> isFollowed(height));
          return total("settled") == claims;
        });
  }

  /** Both ways in one story: they share the coins. */
  @Test
  void shouldSettleWhatTheHolderSigns() throws IOException {
    grant(2);
    CommandRun waiting = CommandRun.of("settle", "status", "-s", url);
    assertEquals(ExitCode.TRY_AGAIN.number(), waiting.exit(), waiting.out());
    assertTrue(waiting.out().contains("ALARM     SIGNATURE_NEEDED: 2 claims wait"), waiting.out());
    byCommand();
    settled(2);
    grant(1);
    byHttp();
    settled(3);
    // An escrow that pays its own fee needs nobody's signature.
    grant(1, 1_500);
    settled(4);
    CommandRun account = run("settle", "account", "-s", url);
    assertTrue(account.out().contains("agree to the satoshi"), account.out());
    assertFalse(status().path("alarms").has("SIGNATURE_NEEDED"));
  }

  /** Exported as binary, signed, imported as base64; then replaced by one that pays more. */
  private static void byCommand() throws IOException {
    Path out = folder.resolve("batch.psbt");
    CommandRun exported = run("settle", "psbt", "export", "-s", url, "--out", out.toString());
    assertTrue(exported.out().contains("claims      2\n"), exported.out());
    assertTrue(exported.err().contains("vts settle psbt import"), exported.err());
    CommandRun again =
        CommandRun.of("settle", "psbt", "export", "-s", url, "--out", out.toString());
    assertEquals(ExitCode.CANNOT_CREATE.number(), again.exit(), "nothing is overwritten");
    CommandRun unsigned = CommandRun.of("settle", "psbt", "import", "-s", url, out.toString());
    assertEquals(ExitCode.NEGATIVE.number(), unsigned.exit());
    assertTrue(unsigned.err().contains("is not signed"), unsigned.err());
    String signed = sign(Base64.getEncoder().encodeToString(Files.readAllBytes(out)));
    Path in = Files.writeString(folder.resolve("signed.txt"), signed + "\n");
    CommandRun taken = run("settle", "psbt", "import", "-s", url, in.toString());
    assertTrue(taken.out().startsWith("batch "), taken.out());
    Poll.until("the batch is on its way", () -> total("inFlight") == 2);
    CommandRun replay =
        CommandRun.of("settle", "psbt", "import", "-s", url, "--json", in.toString());
    assertEquals(ExitCode.NEGATIVE.number(), replay.exit());
    assertEquals("REPLAYED", replay.json().path("error").path("code").asText());
    Path bump = folder.resolve("bump.txt");
    JsonNode higher =
        run("settle", "psbt", "export", "-s", url, "--replace", "1", "--json", "--out", bump + "")
            .json();
    assertEquals(1, higher.path("batch").asInt());
    Path bumped =
        Files.write(
            folder.resolve("bumped.psbt"),
            Base64.getDecoder().decode(sign(Files.readString(bump).strip())));
    JsonNode second = run("settle", "psbt", "import", "-s", url, "--json", bumped + "").json();
    assertEquals(higher.path("txid").asText(), second.path("txid").asText());
  }

  private static void byHttp() {
    VtsHttpClient.Answer exported = http.post("/v1/settlement/psbt/export", Map.of("replace", 0));
    assertEquals(200, exported.status(), exported.body().toString());
    String unsigned = exported.body().path("psbt").asText();
    VtsHttpClient.Answer refused =
        http.post("/v1/settlement/psbt/import", Map.of("psbt", unsigned));
    assertEquals(409, refused.status());
    assertTrue(refused.detail().startsWith("UNSIGNED: "), refused.detail());
    VtsHttpClient.Answer taken =
        http.post("/v1/settlement/psbt/import", Map.of("psbt", sign(unsigned)));
    assertEquals(200, taken.status(), taken.body().toString());
    assertEquals(exported.body().path("txid"), taken.body().path("txid"));
    VtsHttpClient.Answer none = http.post("/v1/settlement/psbt/export", Map.of("replace", 0));
    assertEquals(409, none.status());
    assertTrue(none.detail().startsWith("NOTHING_TO_SIGN: "), none.detail());
    String nonsense = Base64.getEncoder().encodeToString("psbt".getBytes(StandardCharsets.UTF_8));
    assertTrue(
        http.post("/v1/settlement/psbt/import", Map.of("psbt", nonsense))
            .detail()
            .startsWith("MALFORMED: "));
    assertEquals(400, http.post("/v1/settlement/psbt/import", Map.of("psbt", "%")).status());
  }
}
