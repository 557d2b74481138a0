package org.micropay.vts.appliance.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.RawHttp;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.transparency.Checkpoint;
import org.micropay.vts.transparency.CheckpointRecord;
import org.micropay.vts.transparency.CosignatureRecord;
import org.micropay.vts.transparency.DirectoryFiles;
import org.micropay.vts.transparency.LeafEncoder;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.LogFiles;
import org.micropay.vts.transparency.LogSource;
import org.micropay.vts.transparency.SignedNote;
import org.micropay.vts.transparency.TileTree;
import org.micropay.vts.transparency.VerifierKey;

/** The log from claims to the auditor's command, on a whole server. */
class TransparencyLogTest {
  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();

  private static VerifierKey logKey(TestServer server) {
    return VerifierKey.parse(server.http().get("/v1/supported").body().path("logKey").asText());
  }

  /** Claims and gives the answer once the log covers it: the bundle. */
  private static JsonNode covered(TestServer server, Claim claim) {
    Map<String, String> body = Map.of("claim", claim.toBase64Url());
    server.http().post("/v1/claims", body);
    JsonNode[] answer = new JsonNode[1];
    Poll.until(
        "a checkpoint covers the claim",
        () -> {
          JsonNode document = server.http().post("/v1/claims", body).body();
          answer[0] = document.has("answer") ? document.path("answer") : document;
          return answer[0].has("inclusion");
        });
    return answer[0];
  }

  private HttpResponse<byte[]> get(TestServer server, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.httpUri().resolve(path)).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<String> post(TestServer server, String path, String text) throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.httpUri().resolve(path))
            .header("content-type", "text/plain; charset=utf-8")
            .POST(HttpRequest.BodyPublishers.ofString(text))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private CommandRun verify(String place, VerifierKey key, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("log", "verify", place, "--log-key", key.toString(), "--kernel", "scalar"));
    words.addAll(List.of("--remember", directory.resolve("memory").toString(), "--json"));
    words.addAll(List.of(more));
    return CommandRun.of(words.toArray(String[]::new));
  }

  private static List<String> codes(CommandRun run) {
    return run.json().path("findings").findValuesAsText("code");
  }

  @Test
  void shouldPublishWhatWasDecidedAndProveIt() throws Exception {
    Path data = directory.resolve("vts");
    try (TestServer server = TestServer.start(data)) {
      VerifierKey key = logKey(server);
      List<TestEscrow> escrows = server.escrows(3);
      Claim first = escrows.get(0).winner();
      JsonNode granted = covered(server, first);
      JsonNode second = covered(server, escrows.get(0).winner());
      assertEquals("DOUBLE_SPEND", second.path("code").asText());

      Path bundle = Files.writeString(directory.resolve("bundle.json"), granted.toString());
      Checkpoint covering = ReceiptBundle.parse(Files.readAllBytes(bundle)).verify(key);
      assertTrue(covering.size() >= 1);
      ReceiptBundle.parse(second.toString().getBytes(StandardCharsets.UTF_8)).verify(key);

      CommandRun run =
          verify(
              server.httpUri().toString(),
              key,
              "--vts-key",
              server.vtsKey().toHex(),
              "--bundle",
              bundle.toString());
      assertEquals(0, run.exit(), run.out() + run.err());
      assertEquals(1, run.json().path("grants").asInt());
      assertEquals(1, run.json().path("double_spends").asInt());
      assertEquals(4, run.json().path("signatures").asInt());

      Path claimFile =
          Files.writeString(directory.resolve("claim"), escrows.get(1).winner().toBase64Url());
      Path kept = directory.resolve("kept.json");
      String at = server.httpUri().toString();
      CommandRun claimed =
          CommandRun.of("claim", claimFile.toString(), "-s", at, "--bundle", kept.toString());
      assertEquals(0, claimed.exit(), claimed.err());
      ReceiptBundle.parse(Files.readAllBytes(kept)).verify(key);
      CommandRun checked =
          CommandRun.of("check", claimFile.toString(), "-s", at, "--online", "--json");
      assertEquals(0, checked.exit(), checked.out());
      assertTrue(checked.out().contains("public log"), checked.out());
      server.restart();
      assertEquals(key, logKey(server), "one key for ever");
      covered(server, escrows.get(2).winner());
      Path export = directory.resolve("export");
      String config = data.resolve("vts.toml").toString();
      CommandRun exported = CommandRun.of("log", "export", export.toString(), "-c", config);
      assertEquals(0, exported.exit(), exported.err());
      run = verify(export.toString(), key, "--bundle", bundle.toString());
      assertEquals(0, run.exit(), run.out() + run.err());
      assertEquals(4, run.json().path("size").asInt());
      assertTrue(run.json().path("consistent_with").size() >= 1, "the remembered one");
      checkJournal(server, export, key);
    }
  }

  /** The exported leaves are the journal's, and its records of the checkpoints are of this tree. */
  private static void checkJournal(TestServer server, Path export, VerifierKey key) {
    List<CheckpointRecord> checkpoints = new ArrayList<>();
    try (var reader =
        org.micropay.vts.journal.JournalReader.open(server.directory().resolve("journal"))) {
      while (reader.position() < server.durable()
          && reader.next(
              (position, type, time, payload, offset, length) -> {
                if (type == RecordType.CHECKPOINT.number()) {
                  byte[] copy = new byte[length];
                  payload.getBytes(offset, copy);
                  checkpoints.add(CheckpointRecord.decode(copy));
                }
              })) {
        // The handler keeps what it needs.
      }
    }
    assertTrue(checkpoints.size() >= 4);
    SignedNote shown =
        SignedNote.parse(new DirectoryFiles(export).read(LogSource.CHECKPOINT).orElseThrow());
    assertTrue(
        checkpoints.stream().anyMatch(record -> record.note().equals(shown)),
        "what is shown was journaled");
    checkpoints.forEach(record -> assertEquals(key, record.logKey()));
  }

  @Test
  void shouldServeStaticFilesWithTheirHeaders() throws Exception {
    try (TestServer server = TestServer.start(directory.resolve("vts"))) {
      covered(server, server.escrow().winner());
      HttpResponse<byte[]> checkpoint = get(server, "/log/checkpoint");
      assertEquals(200, checkpoint.statusCode());
      assertEquals(
          "text/plain; charset=utf-8", checkpoint.headers().firstValue("content-type").get());
      assertEquals("public, max-age=2", checkpoint.headers().firstValue("cache-control").get());
      for (String path : List.of("/log/tile/0/000.p/1", "/log/tile/entries/000.p/1")) {
        HttpResponse<byte[]> tile = get(server, path);
        assertEquals(200, tile.statusCode(), path);
        assertEquals("application/octet-stream", tile.headers().firstValue("content-type").get());
        assertTrue(tile.headers().firstValue("cache-control").get().contains("immutable"));
      }
      for (String path :
          List.of(
              "/log/tile/0/000",
              "/log/tile/0/000.p/0",
              "/log/tile/0/001",
              "/log/tile/9/9",
              "/log/tile/..%2f..%2fvts.toml",
              "/log/tile/../../keys/log.key",
              "/log/",
              "/log")) {
        assertEquals(404, get(server, path).statusCode(), path);
      }
      assertCompressed(server, "/log/tile/entries/000.p/1");
      JsonNode log = server.http().get("/v1/status").body().path("log");
      assertEquals(1, log.path("size").asInt());
      assertFalse(log.has("trouble"), log.toString());
    }
  }

  /** Entries come in both forms, as asked for; what caches need to know is on both. */
  private void assertCompressed(TestServer server, String entries) throws Exception {
    byte[] plain = get(server, entries).body();
    try (RawHttp http = RawHttp.open(server.httpUri())) {
      for (String method : List.of("GET", "GET", "HEAD")) {
        RawHttp.Answer zipped = http.request(method, entries, "accept-encoding: gzip\r\n");
        assertEquals(200, zipped.status());
        assertEquals("gzip", zipped.headers().get("content-encoding"), method);
        assertEquals("accept-encoding", zipped.headers().get("vary"));
        assertTrue(zipped.headers().get("cache-control").contains("immutable"));
        int length = Integer.parseInt(zipped.headers().get("content-length"));
        assertTrue(length < plain.length, method + " " + length);
        if (method.equals("GET")) {
          assertArrayEquals(plain, new GZIPInputStream(stream(zipped.body())).readAllBytes());
        }
      }
      for (String field : List.of("", "accept-encoding: identity\r\n")) {
        RawHttp.Answer answer = http.request("GET", entries, field);
        assertFalse(answer.headers().containsKey("content-encoding"), field);
        assertEquals("accept-encoding", answer.headers().get("vary"));
        assertArrayEquals(plain, answer.body());
      }
      String gzip = "accept-encoding: gzip\r\n";
      for (String path : List.of("/log/tile/0/000.p/1", "/log/checkpoint", "/log/tile/entries/9")) {
        RawHttp.Answer answer = http.request("GET", path, gzip);
        assertFalse(answer.headers().containsKey("content-encoding"), path);
      }
    }
  }

  private static ByteArrayInputStream stream(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  @Test
  void shouldAskWitnessesAndTakeWhatTheyBring() throws Exception {
    Path data = directory.resolve("vts");
    try (FakeWitness asked = new FakeWitness("witness.example/asked");
        FakeWitness bringing = new FakeWitness("witness.example/bringing");
        FakeWitness stranger = new FakeWitness("witness.example/stranger")) {
      TestServer.prepare(data, "", "");
      Files.writeString(
          data.resolve("vts.toml"),
          """
          [[log.witnesses]]
          key = "%s"
          url = "%s"
          [[log.witnesses]]
          key = "%s"
          """
              .formatted(asked.key(), asked.url(), bringing.key()),
          StandardOpenOption.APPEND);
      asked.trust(keyOf(data));
      try (TestServer server = TestServer.startPrepared(data)) {
        VerifierKey key = logKey(server);
        covered(server, server.escrow().winner());
        Poll.until("the witness has cosigned", () -> asked.size() == 1 && lines(server) == 2);
        covered(server, server.escrow().winner());
        Poll.until("the witness has cosigned", () -> asked.size() == 2 && lines(server) == 2);

        SignedNote note = SignedNote.parse(get(server, "/log/checkpoint").body());
        Checkpoint checkpoint = Checkpoint.of(note, key);
        String brought = note.text() + "\n" + bringing.cosign(checkpoint).toLine(bringing.key());
        assertEquals(200, post(server, "/log/cosignatures", brought).statusCode());
        assertEquals(3, lines(server));
        HttpResponse<String> again = post(server, "/log/cosignatures", brought);
        assertEquals("{\"accepted\":[]}", again.body().replaceAll("\\s", ""));

        Checkpoint other = new Checkpoint(checkpoint.origin(), 2, Bytes32.ZERO);
        for (String bad :
            List.of(
                "",
                "hello",
                note.toString().replace("2\n", "3\n"),
                note.text() + "\n" + stranger.cosign(checkpoint).toLine(stranger.key()),
                note.text() + "\n" + bringing.cosign(other).toLine(bringing.key()),
                other.text() + "\n" + bringing.cosign(other).toLine(bringing.key()))) {
          HttpResponse<String> refused = post(server, "/log/cosignatures", bad);
          assertEquals(422, refused.statusCode(), bad + " -> " + refused.body());
          assertTrue(refused.body().contains("detail"), refused.body());
        }
        List<String> with =
            List.of("--witness", asked.key().toString(), "--witness", bringing.key().toString());
        CommandRun run = verify(server.httpUri().toString(), key, with.toArray(String[]::new));
        assertEquals(0, run.exit(), run.out());
        run = verify(server.httpUri().toString(), key, "--witness", stranger.key().toString());
        assertEquals(1, run.exit());
        assertEquals(List.of("BAD_COSIGNATURE"), codes(run));

        // What a witness has said survives a restart; one that knows more than we is heard.
        server.restart();
        Poll.until("cosignatures are shown again", () -> lines(server) == 3);
        asked.pretend(100, Bytes32.ZERO);
        covered(server, server.escrow().winner());
        Poll.until(
            "the status tells",
            () ->
                server
                    .http()
                    .get("/v1/status")
                    .body()
                    .path("log")
                    .path("trouble")
                    .asText()
                    .contains("older copy"));
      }
    }
  }

  private static VerifierKey keyOf(Path data) throws IOException {
    String vtsKey;
    try (var key = org.micropay.vts.secp256k1.SecretKey.fromFile(data.resolve("keys/vts.key"))) {
      vtsKey = HexFormat.of().formatHex(key.publicKey());
    }
    String text = LogKey.create(data.resolve("keys/log.key"), LogKey.origin("", "regtest", vtsKey));
    return VerifierKey.parse(text);
  }

  private static int lines(TestServer server) {
    return 1 + server.http().get("/v1/status").body().path("log").path("witnesses").size();
  }

  @Test
  void shouldFindWhateverIsWrongWithALog() throws Exception {
    Path data = directory.resolve("vts");
    Path export = directory.resolve("export");
    VerifierKey key;
    try (TestServer server = TestServer.start(data)) {
      key = logKey(server);
      for (TestEscrow escrow : server.escrows(3)) {
        covered(server, escrow.winner());
      }
      CommandRun.of("log", "export", export.toString(), "-c", data.resolve("vts.toml").toString());
      assertEquals(0, verify(export.toString(), key).exit());
      covered(server, server.escrow().winner());
      assertEquals(0, verify(server.httpUri().toString(), key).exit());
    }
    // The older copy is now behind what was seen.
    CommandRun rollback = verify(export.toString(), key);
    assertEquals(1, rollback.exit());
    assertEquals(List.of("ROLLBACK"), codes(rollback));

    Path entries = export.resolve("tile/entries/000.p/3");
    byte[] good = Files.readAllBytes(entries);
    byte[] changed = good.clone();
    changed[changed.length - 1] ^= 1;
    Files.write(entries, changed);
    CommandRun edited = verify(export.toString(), key, "--forgetful");
    assertEquals(1, edited.exit());
    assertTrue(codes(edited).containsAll(List.of("BAD_TILE", "WRONG_ROOT")), edited.out());
    assertTrue(codes(edited).contains("BAD_SPEND_SIGNATURE"), edited.out());
    Files.delete(entries);
    assertEquals(2, verify(export.toString(), key, "--forgetful").exit());
    Files.write(entries, good);
    Path checkpoint = export.resolve("checkpoint");
    Files.writeString(checkpoint, Files.readString(checkpoint).replace("\n3\n", "\n2\n"));
    CommandRun unsigned = verify(export.toString(), key, "--forgetful");
    assertEquals(1, unsigned.exit());
    assertEquals(List.of("BAD_CHECKPOINT"), codes(unsigned));
    assertEquals(2, verify(directory.resolve("nothing").toString(), key).exit());
    assertEquals(2, verify("http://127.0.0.1:1/log", key).exit());
    CommandRun noKey = CommandRun.of("log", "verify", export.toString(), "--forgetful");
    assertEquals(64, noKey.exit());
  }

  /** An operator who signs a log of his own making, over leaves that no VTS would have decided. */
  @Test
  void shouldFindForgedLeavesUnderAGoodCheckpoint() throws Exception {
    List<byte[]> good = new ArrayList<>();
    Path data = directory.resolve("vts");
    try (TestServer server = TestServer.start(data)) {
      for (TestEscrow escrow : server.escrows(2)) {
        JsonNode answer = covered(server, escrow.winner());
        good.add(
            java.util.Base64.getUrlDecoder()
                .decode(answer.path("inclusion").path("leaf").asText()));
      }
    }
    Set<String> found = new TreeSet<>();
    for (int at :
        new int[] {1, 2, 30, 58 + 100, 58 + 165, 58 + 180, 58 + 200, 58 + 245, 58 + 310}) {
      byte[] forged = good.get(1).clone();
      forged[at] ^= 1;
      found.addAll(codes(forge(List.of(good.get(0), forged))));
    }
    byte[] twice = good.get(0).clone();
    twice[2] += 40;
    twice[18] += 40;
    found.addAll(codes(forge(List.of(good.get(0), twice))));
    assertEquals(
        new TreeSet<>(
            Set.of(
                "BAD_LEAF",
                "FOREIGN_CLAIM",
                "WRONG_CLAIM_ID",
                "SECOND_GRANT",
                "BAD_TICKET_SIGNATURE",
                "BAD_SPEND_SIGNATURE")),
        found);
    assertEquals(0, forge(good).exit());
  }

  private CommandRun forge(List<byte[]> leaves) throws IOException {
    Path folder = Files.createTempDirectory(directory, "forged");
    Path file = folder.resolve("key");
    LogKey.create(file, "forger.example");
    DirectoryFiles files = new DirectoryFiles(folder);
    TileTree tree =
        new TileTree(
            (path, bytes) -> files.write(List.of(new LogFiles.NewFile(path.toString(), bytes))));
    leaves.forEach(leaf -> tree.append(leaf, 0, leaf.length));
    tree.flush();
    try (LogKey key = LogKey.open(file, "forger.example", true)) {
      Checkpoint checkpoint = new Checkpoint("forger.example", tree.size(), tree.root());
      SignedNote note = checkpoint.sign(key.key(), key.sign(checkpoint.textBytes()));
      files.write(List.of(new LogFiles.NewFile(LogSource.CHECKPOINT, note.encode())));
      return verify(folder.toString(), key.key(), "--forgetful");
    }
  }

  @Test
  void shouldRefuseBundlesThatDoNotBelongTogether() throws Exception {
    try (TestServer server = TestServer.start(directory.resolve("vts"))) {
      VerifierKey key = logKey(server);
      List<TestEscrow> escrows = server.escrows(2);
      ReceiptBundle one = bundle(covered(server, escrows.get(0).winner()));
      ReceiptBundle two = bundle(covered(server, escrows.get(1).winner()));
      one.verify(key);
      for (ReceiptBundle wrong :
          List.of(
              new ReceiptBundle(one.receipt(), two.leaf(), two.proof()),
              new ReceiptBundle(two.receipt(), one.leaf(), one.proof()),
              new ReceiptBundle(one.receipt(), one.leaf(), two.proof()),
              new ReceiptBundle(one.receipt(), Arrays.copyOf(one.leaf(), 70), one.proof()))) {
        assertThrows(LogDataException.class, () -> wrong.verify(key));
      }
      VtsHttpClient.Answer unknown = server.http().get("/v1/proofs/" + "ab".repeat(32));
      assertEquals(404, unknown.status());
    }
  }

  private static ReceiptBundle bundle(JsonNode answer) {
    return ReceiptBundle.parse(answer.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void shouldNumberItsRecordsAsTheJournalDoes() {
    assertEquals(RecordType.GRANT.number(), LeafEncoder.GRANT);
    assertEquals(RecordType.DOUBLE_SPEND.number(), LeafEncoder.DOUBLE_SPEND);
    assertEquals(RecordType.CHECKPOINT.number(), CheckpointRecord.TYPE);
    assertEquals(RecordType.COSIGNATURE.number(), CosignatureRecord.TYPE);
    assertArrayEquals(
        new int[] {30, 31}, new int[] {CheckpointRecord.TYPE, CosignatureRecord.TYPE});
  }
}
