package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.config.ConfigException;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.testing.RawHttp;
import org.micropay.vts.appliance.testing.RawStream;
import org.micropay.vts.appliance.testing.TestCertificate;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.ClaimStreamClient;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Receipt;

/** TLS for both interfaces by configuration; nothing is said in the clear on such a port. */
class TlsTest {
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final int TLS_ALERT = 0x15;

  @TempDir static Path directory;
  private static TestServer server;
  private static TestCertificate certificate;
  private static TestCertificate stranger;

  @BeforeAll
  static void start() throws Exception {
    certificate = TestCertificate.make(directory, "vts");
    stranger = TestCertificate.make(directory, "stranger");
    server =
        TestServer.start(
            directory.resolve("server"),
            certificate.toml(),
            certificate.toml(),
            certificate.client());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void shouldServeBothInterfacesOverTls() throws Exception {
    TestEscrow escrow = server.escrow();
    Claim claim = escrow.winner();
    ClaimReply byStream;
    try (ClaimStreamClient client =
        ClaimStreamClient.connect(
            server.streamAddress(),
            Optional.of(certificate.client()),
            Network.REGTEST,
            TIMEOUT_MILLIS)) {
      byStream = client.claim(claim).get();
    }
    assertEquals(AnswerCode.GRANTED, byStream.code());
    assertEquals(byStream, server.http().claim(claim));
    Socket socket = certificate.client().getSocketFactory().createSocket("127.0.0.1", httpPort());
    try (RawHttp http = RawHttp.over(socket)) {
      byte[] receipt =
          Base64.getUrlDecoder()
              .decode(
                  http.post("/v1/claims", "application/octet-stream", claim.encode())
                      .json()
                      .path("receipt")
                      .asText());
      assertEquals(byStream.position(), Receipt.decode(receipt).position());
      http.post("/v1/claims", "{").assertProblem(400, AnswerCode.MALFORMED);
      assertEquals(200, http.request("GET", "/livez").status());
    }
  }

  private static int httpPort() {
    return server.server().httpAddress().getPort();
  }

  @Test
  void shouldTellAPlainClientNothing() throws IOException {
    assertNothingInTheClear(
        server.streamAddress().getPort(), RawStream.hello(1, Network.REGTEST.magic()));
    assertNothingInTheClear(httpPort(), "GET /v1/status HTTP/1.1\r\nhost: vts\r\n\r\n".getBytes());
    assertNothingInTheClear(httpPort(), new byte[20_000]);
    try (ClaimStreamClient client =
        ClaimStreamClient.connect(
            server.streamAddress(),
            Optional.of(certificate.client()),
            Network.REGTEST,
            TIMEOUT_MILLIS)) {
      assertEquals(server.vtsKey(), client.welcome().vtsKey(), "others are served");
    }
  }

  private static void assertNothingInTheClear(int port, byte[] request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(request);
      byte[] answer = socket.getInputStream().readAllBytes();
      assertTrue(answer.length <= 16, "an alert at most, not " + answer.length + " bytes");
      assertTrue(answer.length == 0 || answer[0] == TLS_ALERT);
    } catch (SocketException e) {
      // Reset: nothing, too.
    }
  }

  @Test
  void shouldNotBeTakenForAnotherServer() throws Exception {
    for (SSLContext other : new SSLContext[] {stranger.client(), SSLContext.getDefault()}) {
      assertThrows(
          VtsException.class,
          () ->
              ClaimStreamClient.connect(
                  server.streamAddress(), Optional.of(other), Network.REGTEST, TIMEOUT_MILLIS));
    }
  }

  @Test
  void shouldSayAtTheStartWhatIsWrongWithTheFiles() throws Exception {
    Path none = directory.resolve("none.pem");
    Path text = Files.writeString(directory.resolve("text.pem"), "no PEM at all\n");
    Path empty = Files.createFile(directory.resolve("empty.pem"));
    Path cut = directory.resolve("cut.pem");
    String pem = Files.readString(certificate.key());
    Files.writeString(cut, pem.replaceFirst("[A-Za-z0-9+/]{20}\n", "\n"));
    Path good = certificate.certificate();
    Path key = certificate.key();
    assertRefused(none, key, "tls.certificate", "none.pem does not exist");
    assertRefused(directory, key, "tls.certificate", "cannot be read");
    assertRefused(text, key, "tls.certificate", "no PEM certificate");
    assertRefused(empty, key, "tls.certificate", "no PEM certificate");
    assertRefused(key, key, "tls.certificate", "no PEM certificate");
    assertRefused(good, none, "tls.key", "none.pem does not exist");
    assertRefused(good, text, "tls.key", "PKCS#8");
    assertRefused(good, empty, "tls.key", "PKCS#8");
    assertRefused(good, good, "tls.key", "PKCS#8");
    assertRefused(good, cut, "tls.key", "PKCS#8");
    assertRefused(good, stranger.key(), "tls.key", "is not the key of the certificate");
  }

  private static void assertRefused(Path chain, Path key, String name, String why) {
    var tls = new org.micropay.vts.appliance.config.ApplianceConfig.Tls(chain, key);
    String message =
        assertThrows(ConfigException.class, () -> TlsFiles.read("stream", tls, p -> p))
            .getMessage();
    assertTrue(message.startsWith("stream." + name), message);
    assertTrue(message.contains(why), message);
    assertFalse(message.contains("\n"), "one line");
    assertFalse(message.contains("BEGIN"), "nothing of the key");
  }

  @Test
  void shouldReleaseEverythingWhenItCannotStart() throws Exception {
    Path folder = directory.resolve("broken");
    Path config = TestServer.prepare(folder, "", certificate.toml());
    String right = Files.readString(config);
    Files.writeString(
        config, right.replace(certificate.key().toString(), stranger.key().toString()));
    for (int i = 0; i < 2; i++) {
      String message =
          assertThrows(
                  ConfigException.class,
                  () -> VtsServer.start(ConfigFile.read(config), (stage, cause) -> {}))
              .getMessage();
      assertTrue(message.startsWith("http.tls.key"), message);
    }
    Files.writeString(config, right);
    // Journal and chain are free again.
    VtsServer.start(ConfigFile.read(config), (stage, cause) -> {}).close();
    assertArrayEquals(
        right.getBytes(StandardCharsets.UTF_8), Files.readAllBytes(config), "never written to");
  }
}
