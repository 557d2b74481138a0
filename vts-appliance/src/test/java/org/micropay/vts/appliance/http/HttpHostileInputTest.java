package org.micropay.vts.appliance.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.HostileClaims;
import org.micropay.vts.appliance.testing.HostileClaims.Hostile;
import org.micropay.vts.appliance.testing.RawHttp;
import org.micropay.vts.appliance.testing.RawHttp.Answer;
import org.micropay.vts.appliance.testing.Seeds;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.ticket.AnswerCode;

/**
 * What a hostile client may send by HTTP: every time a problem with a stable code, no state change,
 * and the connection goes on wherever the bytes allow it. What it goes on with is the repeat of a
 * granted claim, which is answered with the same bytes and journals nothing.
 */
class HttpHostileInputTest {
  private static final String CLAIMS = "/v1/claims";
  private static final String ESCROWS = "/v1/escrows";
  private static final String JSON = "application/json";
  private static final String OCTETS = "application/octet-stream";
  private static final int MAX_BODY = 16_384;

  @TempDir static Path directory;
  private static TestServer server;
  private static TestEscrow live;
  private static byte[] granted;
  private static byte[] receipt;
  private static long mark;

  @BeforeAll
  static void start() throws IOException {
    // No checkpoint covers the grant while this runs: an answer that gains its inclusion proof is
    // another one, and what is compared here are the bytes.
    Path config = TestServer.prepare(directory, "", "");
    Files.writeString(
        config,
        Files.readString(config).replace("interval_seconds = 0", "interval_seconds = 86400"));
    server = TestServer.startPrepared(directory);
    List<TestEscrow> escrows = server.escrows(2);
    live = escrows.get(0);
    granted = escrows.get(1).winner().encode();
    try (RawHttp http = open()) {
      Answer answer = http.post(CLAIMS, claim(granted));
      assertEquals(200, answer.status(), answer.toString());
      receipt = answer.body();
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void remember() {
    mark = server.durable();
  }

  private static RawHttp open() throws IOException {
    return RawHttp.open(server.httpUri());
  }

  private static String claim(byte[] claim) {
    return "{\"claim\":\"" + base64Url(claim) + "\"}";
  }

  private static String base64Url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static void assertWorks(RawHttp http) throws IOException {
    Answer answer = http.post(CLAIMS, claim(granted));
    assertEquals(200, answer.status(), answer.toString());
    assertArrayEquals(receipt, answer.body());
  }

  /** The table of docs/PROTOCOL.md, section 18, for the codes of refused claims. */
  private static int statusOf(AnswerCode code) {
    return switch (code) {
      case TERMS_MISMATCH -> 409;
      case UNKNOWN_ESCROW -> 404;
      case TOO_LARGE -> 413;
      case WRONG_OPENING, LOSING_TICKET, BAD_TICKET_SIGNATURE, BAD_SPEND_SIGNATURE, EXPIRED -> 422;
      default -> 400;
    };
  }

  @Test
  void shouldRefuseEveryHostileClaimAndGoOn() throws IOException {
    try (RawHttp http = open()) {
      for (Hostile hostile : HostileClaims.all(live)) {
        int status = statusOf(hostile.code());
        http.post(CLAIMS, claim(hostile.claim())).assertProblem(status, hostile.code());
        http.post(CLAIMS, OCTETS, hostile.claim()).assertProblem(status, hostile.code());
        assertWorks(http);
      }
    }
    server.assertNothingJournaledAfter(mark);
  }

  private static List<String> wrongDocuments(String field, byte[] message) {
    String good = base64Url(message);
    String quoted = "{\"" + field + "\":\"" + good + "\"";
    return List.of(
        "",
        " ",
        "null",
        "5",
        "true",
        "[]",
        "\"" + good + "\"",
        "{",
        "{}",
        quoted,
        "[" + quoted + "}]",
        quoted + ",}",
        quoted + "} x",
        quoted + "}{}",
        quoted + ",\"" + field + "\":\"" + good + "\"}",
        quoted + ",\"more\":1}",
        quoted + ",\"\":1}",
        "{\"" + field.toUpperCase() + "\":\"" + good + "\"}",
        "{'" + field + "':'" + good + "'}",
        "{" + field + ":\"" + good + "\"}",
        "/**/" + quoted + "}",
        "{\"" + field + "\":null}",
        "{\"" + field + "\":5}",
        "{\"" + field + "\":true}",
        "{\"" + field + "\":[\"" + good + "\"]}",
        "{\"" + field + "\":{\"" + field + "\":\"" + good + "\"}}",
        "{\"" + field + "\":NaN}",
        "{\"" + field + "\":" + "9".repeat(10_000) + "}",
        "{\"" + field + "\":\"" + good + "=\"}",
        "{\"" + field + "\":\"" + good + "\\n\"}",
        "{\"" + field + "\":\"" + good.substring(0, 100) + "\n" + good.substring(100) + "\"}",
        "{\"" + field + "\":\"" + good + "\\u0000\"}",
        "{\"" + field + "\":\"+" + good.substring(1) + "\"}",
        "{\"" + field + "\":\"" + good.substring(0, 5) + "\"}",
        "{\"" + field + "\":\"\"}",
        "[".repeat(8_000),
        "{\"" + field + "\":".repeat(1_000) + "1" + "}".repeat(1_000),
        "{\"" + "n".repeat(5_000) + "\":1}",
        "\u0000\u0001\u0002",
        "{\"" + field + "\":\"\u00c3\u0028\"}");
  }

  @Test
  void shouldRefuseDocumentsThatAreNotTheOneThatIsDocumented() throws IOException {
    try (RawHttp http = open()) {
      for (String document : wrongDocuments("claim", granted)) {
        http.post(CLAIMS, JSON, document.getBytes(StandardCharsets.ISO_8859_1))
            .assertProblem(400, AnswerCode.MALFORMED);
      }
      for (String document : wrongDocuments("registration", live.registration().encode())) {
        http.post(ESCROWS, JSON, document.getBytes(StandardCharsets.ISO_8859_1))
            .assertProblem(400, AnswerCode.MALFORMED);
      }
      assertWorks(http);
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldRefuseOtherTextOfTheSameBytes() throws IOException {
    // 365 bytes end in a digit of which only the upper bits count: three more texts decode alike.
    byte[] bytes = live.registration().encode();
    byte[] claim = java.util.Arrays.copyOf(granted, 365);
    try (RawHttp http = open()) {
      for (byte[] message : List.of(claim, java.util.Arrays.copyOf(bytes, 194))) {
        String text = base64Url(message);
        assertTrue(text.length() % 4 != 0, "the last digit has spare bits");
        char last = text.charAt(text.length() - 1);
        char other = (char) (last == 'z' ? 'y' : last + 1);
        assertArrayEquals(
            message, Base64.getUrlDecoder().decode(text.substring(0, text.length() - 1) + other));
        String json = "{\"claim\":\"" + text.substring(0, text.length() - 1) + other + "\"}";
        http.post(CLAIMS, json).assertProblem(400, AnswerCode.MALFORMED);
      }
      assertWorks(http);
    }
  }

  @Test
  void shouldRefuseBodiesThatAreTooLongAndGoOn() throws IOException {
    byte[] long1 = new byte[MAX_BODY + 1];
    byte[] long2 = new byte[1 << 20];
    try (RawHttp http = open()) {
      http.post(CLAIMS, JSON, long1).assertProblem(413, AnswerCode.TOO_LARGE);
      assertWorks(http);
      http.post(ESCROWS, JSON, long2).assertProblem(413, AnswerCode.TOO_LARGE);
      assertWorks(http);
      // Without a length in front.
      http.send(RawHttp.post(CLAIMS, JSON, -1, "transfer-encoding: chunked\r\n"));
      for (int i = 0; i < 5; i++) {
        http.send("1000\r\n");
        http.send(new byte[0x1000]);
        http.send("\r\n");
      }
      http.send("0\r\n\r\n");
      http.read().assertProblem(413, AnswerCode.TOO_LARGE);
      assertWorks(http);
      // As long as allowed: the document is at fault, not its length.
      http.post(CLAIMS, JSON, new byte[MAX_BODY]).assertProblem(400, AnswerCode.MALFORMED);
      assertWorks(http);
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldAnswerBeforeItClosesOnABodyThatIsFarTooLong() throws IOException {
    for (long length : new long[] {(1 << 20) + 1, Long.MAX_VALUE}) {
      try (RawHttp http = open()) {
        http.send(RawHttp.post(CLAIMS, JSON, length, ""));
        Answer answer = http.read();
        answer.assertProblem(413, AnswerCode.TOO_LARGE);
        assertEquals("close", answer.headers().get("connection"));
      }
    }
    try (RawHttp http = open()) {
      http.send(RawHttp.post(CLAIMS, JSON, -1, "transfer-encoding: chunked\r\n"));
      byte[] chunk = new byte[0x8000];
      try {
        for (int i = 0; i < 10_000; i++) {
          http.send("8000\r\n");
          http.send(chunk);
          http.send("\r\n");
        }
        assertFalse(true, "the server reads 320 MB of a body that it refused");
      } catch (java.net.SocketException e) {
        // Closed after about 1 MiB.
      }
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldSayContinueOnlyToABodyThatItTakes() throws IOException {
    byte[] body = claim(granted).getBytes(StandardCharsets.US_ASCII);
    String expect = "expect: 100-continue\r\n";
    try (RawHttp http = open()) {
      http.send(RawHttp.post(CLAIMS, JSON, body.length, expect));
      assertEquals(100, http.read().status());
      http.send(body);
      assertArrayEquals(receipt, http.read().body());
      http.send(RawHttp.post(CLAIMS, JSON, MAX_BODY + 1, expect));
      http.read().assertProblem(413, AnswerCode.TOO_LARGE);
    }
  }

  @Test
  void shouldTakeOnlyTheDocumentedContentTypes() throws IOException {
    byte[] body = claim(granted).getBytes(StandardCharsets.US_ASCII);
    byte[] registration =
        ("{\"registration\":\"" + live.registration().toBase64Url() + "\"}")
            .getBytes(StandardCharsets.US_ASCII);
    try (RawHttp http = open()) {
      for (String type :
          List.of("", JSON, "application/json; charset=utf-8", "Application/JSON ; x=\"y\"")) {
        assertArrayEquals(receipt, http.post(CLAIMS, type, body).body(), type);
        assertEquals(200, http.post(ESCROWS, type, registration).status(), type);
      }
      assertArrayEquals(receipt, http.post(CLAIMS, OCTETS, granted).body());
      for (String type :
          List.of(
              "text/plain",
              "application/x-www-form-urlencoded",
              "multipart/form-data; boundary=x",
              "application/jsonp",
              "application/cbor",
              "json")) {
        http.post(CLAIMS, type, body).assertProblem(415, AnswerCode.UNSUPPORTED_MESSAGE);
        http.post(ESCROWS, type, registration).assertProblem(415, AnswerCode.UNSUPPORTED_MESSAGE);
      }
      http.post(ESCROWS, OCTETS, live.registration().encode())
          .assertProblem(415, AnswerCode.UNSUPPORTED_MESSAGE);
      assertWorks(http);
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldNameTheMethodsThatAPathTakes() throws IOException {
    Map<String, String> allowed =
        Map.of(
            CLAIMS,
            "POST",
            ESCROWS,
            "POST",
            "/v1/claims/" + "00".repeat(32),
            "GET, HEAD",
            "/v1/status",
            "GET, HEAD",
            "/livez",
            "GET, HEAD",
            "/metrics",
            "GET, HEAD",
            "/v1/dev/mine",
            "POST");
    try (RawHttp http = open()) {
      for (Map.Entry<String, String> path : allowed.entrySet()) {
        for (String method : List.of("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW")) {
          if (List.of(path.getValue().split(", ")).contains(method)) {
            continue;
          }
          Answer answer = http.request(method, path.getKey());
          answer.assertProblem(405, AnswerCode.UNSUPPORTED_MESSAGE);
          assertEquals(path.getValue(), answer.headers().get("allow"), path.getKey());
        }
      }
      assertWorks(http);
    }
  }

  @Test
  void shouldAnswerHeadLikeGetWithoutABody() throws IOException {
    try (RawHttp http = open()) {
      for (String path : List.of("/livez", "/v1/supported", "/readyz", "/nowhere")) {
        Answer get = http.request("GET", path);
        Answer head = http.request("HEAD", path);
        assertEquals(get.status(), head.status());
        assertEquals(get.headers().get("content-type"), head.headers().get("content-type"));
      }
      assertEquals(405, http.request("HEAD", CLAIMS).status());
      assertWorks(http);
    }
  }

  @Test
  void shouldKnowNoOtherPaths() throws IOException {
    try (RawHttp http = open()) {
      for (String path :
          List.of(
              "/",
              "/v1",
              "/v1/",
              "/v1/claim",
              "/v1/claims/",
              "/v1/escrows/",
              "/v1/claims/x/y",
              "/v1/dev/",
              "/v1/dev/blocks/",
              "/v2/claims",
              "/V1/claims",
              "//v1/claims",
              "/v1//claims",
              "/v1/claims%2f" + "00".repeat(32),
              "/v1/../v1/claims",
              "/.well-known/x",
              "/v1/openapi.json/")) {
        http.request("GET", path).assertProblem(404, AnswerCode.UNSUPPORTED_MESSAGE);
      }
      assertWorks(http);
    }
  }

  @Test
  void shouldRefusePathParametersOfAnotherForm() throws IOException {
    try (RawHttp http = open()) {
      for (String bad :
          List.of(
              "x",
              "00",
              "00".repeat(31),
              "00".repeat(33),
              "0".repeat(63) + "g",
              "0x" + "0".repeat(62),
              "%30" + "0".repeat(61),
              "-".repeat(64),
              "%00",
              "f".repeat(1500))) {
        http.request("GET", "/v1/escrows/" + bad).assertProblem(400, AnswerCode.MALFORMED);
        http.request("GET", "/v1/claims/" + bad).assertProblem(400, AnswerCode.MALFORMED);
      }
      for (String bad : List.of("x", "-1", "1e3", "99999999999999999999", "0x10", "4000000000")) {
        http.request("GET", "/v1/dev/blocks/" + bad).assertProblem(400, AnswerCode.MALFORMED);
      }
      String unknown = "77".repeat(32);
      http.request("GET", "/v1/escrows/" + unknown).assertProblem(404, AnswerCode.UNKNOWN_ESCROW);
      http.request("GET", "/v1/claims/" + unknown).assertProblem(404, AnswerCode.UNKNOWN_CLAIM);
      assertWorks(http);
    }
  }

  @Test
  void shouldRefuseWhatTheEmbeddedChainCannotDo() throws IOException {
    try (RawHttp http = open()) {
      for (String bad :
          List.of(
              "{}",
              "{\"outputs\":[]}",
              "{\"outputs\":[null]}",
              "{\"outputs\":[{}]}",
              "{\"outputs\":[{\"script\":\"00\"}]}",
              "{\"outputs\":[{\"value\":1000}]}",
              "{\"outputs\":[{\"script\":\"0\",\"value\":1000}]}",
              "{\"outputs\":[{\"script\":\"zz\",\"value\":1000}]}",
              "{\"outputs\":[{\"script\":\"00\",\"value\":-1}]}",
              "{\"outputs\":[{\"script\":\"00\",\"value\":1.5}]}",
              "{\"outputs\":[{\"script\":\"00\",\"value\":\"1\"}]}",
              "{\"outputs\":[{\"script\":\"00\",\"value\":9223372036854775807}]}",
              "{\"outputs\":[{\"script\":\"00\",\"value\":99999999999999999999999}]}",
              "{\"outputs\":[{\"script\":\"0014" + "5a".repeat(20) + "\",\"value\":1}]}")) {
        http.post("/v1/dev/fund", bad).assertProblem(400, AnswerCode.MALFORMED);
      }
      for (String bad :
          List.of(
              "{}",
              "{\"blocks\":0}",
              "{\"blocks\":-1}",
              "{\"blocks\":1001}",
              "{\"blocks\":null}",
              "{\"blocks\":\"1\"}",
              "{\"blocks\":1.5}",
              "{\"blocks\":5000000000}")) {
        http.post("/v1/dev/mine", bad).assertProblem(400, AnswerCode.MALFORMED);
      }
      assertWorks(http);
    }
  }

  @Test
  void shouldAnswerWhatIsNotHttpWithAProblemAndClose() throws IOException {
    Map<String, Integer> bad =
        Map.of(
            "GET /livez HTTP/1.1\r\nhost: vts\r\nx: " + "a".repeat(9000) + "\r\n\r\n",
            431,
            "GET /livez HTTP/1.1\r\nhost: vts\r\n" + "x: y\r\n".repeat(3000) + "\r\n",
            431,
            "GET /" + "a".repeat(4000) + " HTTP/1.1\r\nhost: vts\r\n\r\n",
            414,
            "\r\n\r\nhello\r\n\r\n",
            400,
            "GET /livez HTTP/1.1\r\nhost: vts\r\nno colon\r\n\r\n",
            400,
            "POST /v1/claims HTTP/1.1\r\nhost: vts\r\ncontent-length: -5\r\n\r\n",
            400,
            "POST /v1/claims HTTP/1.1\r\nhost: vts\r\ncontent-length: x\r\n\r\n",
            400,
            "POST /v1/claims HTTP/1.1\r\n"
                + "host: vts\r\n"
                + "content-length: 1\r\n"
                + "content-length: 2\r\n\r\n",
            400);
    for (Map.Entry<String, Integer> one : bad.entrySet()) {
      try (RawHttp http = open()) {
        assertWorks(http);
        http.send(one.getKey());
        Answer answer = http.read();
        answer.assertProblem(
            one.getValue(), one.getValue() == 400 ? AnswerCode.MALFORMED : AnswerCode.TOO_LARGE);
        http.readEnd();
      }
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldAnswerPipelinedRequestsInTheirOrder() throws IOException {
    byte[] body = claim(granted).getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int rounds = 20;
    for (int i = 0; i < rounds; i++) {
      all.writeBytes(RawHttp.post(CLAIMS, JSON, body.length, "").getBytes());
      all.writeBytes(body);
      all.writeBytes("GET /livez HTTP/1.1\r\nhost: vts\r\n\r\n".getBytes());
      all.writeBytes(RawHttp.post(CLAIMS, JSON, 1, "").getBytes());
      all.writeBytes("{".getBytes());
      all.writeBytes("GET /nowhere HTTP/1.1\r\nhost: vts\r\n\r\n".getBytes());
    }
    try (RawHttp http = open()) {
      http.send(all.toByteArray());
      for (int i = 0; i < rounds; i++) {
        assertArrayEquals(receipt, http.read().body());
        assertEquals(200, http.read().status());
        http.read().assertProblem(400, AnswerCode.MALFORMED);
        http.read().assertProblem(404, AnswerCode.UNSUPPORTED_MESSAGE);
      }
    }
  }

  @Test
  void shouldTakeABodyInChunks() throws IOException {
    try (RawHttp http = open()) {
      http.send(RawHttp.post(CLAIMS, JSON, -1, "transfer-encoding: chunked\r\n"));
      for (char c : claim(granted).toCharArray()) {
        http.send("1\r\n" + c + "\r\n");
      }
      http.send("0\r\n\r\n");
      assertArrayEquals(receipt, http.read().body());
      assertWorks(http);
    }
  }

  @Test
  void shouldForgetARequestThatIsCutOff() throws IOException {
    String whole = RawHttp.post(CLAIMS, OCTETS, 365, "");
    byte[] winner = live.winner().encode();
    for (int cut : new int[] {0, 1, 200, 364}) {
      try (RawHttp http = open()) {
        http.send(whole);
        http.send(java.util.Arrays.copyOf(winner, cut));
      }
    }
    try (RawHttp http = open()) {
      http.send(whole.substring(0, 30));
    }
    try (RawHttp http = open()) {
      assertWorks(http);
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldSurviveAnyBytesAtAll() throws IOException {
    Random random = Seeds.random("http bytes");
    byte[] winner = live.winner().encode();
    byte[] request =
        (RawHttp.post(CLAIMS, JSON, claim(winner).length(), "") + claim(winner))
            .getBytes(StandardCharsets.ISO_8859_1);
    try (RawHttp witness = open()) {
      for (int round = 0; round < 300; round++) {
        byte[] bytes = request.clone();
        for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        // A digit of the claim or its end, so that it is never the winner itself.
        bytes[bytes.length - 1 - random.nextInt(400)] ^= 1;
        try (RawHttp http = open()) {
          http.send(bytes);
          http.send("GET /livez HTTP/1.1\r\nhost: vts\r\nconnection: close\r\n\r\n");
          while (true) {
            Answer answer = http.read();
            // 501: neither HTTP/1.0 nor 1.1.
            assertTrue(
                answer.status() < 500 || answer.status() == 501,
                answer + " to " + new String(bytes, StandardCharsets.ISO_8859_1));
          }
        } catch (IOException e) {
          // The end of what the server says.
        }
        assertWorks(witness);
      }
    }
    server.assertNothingJournaledAfter(mark);
  }
}
