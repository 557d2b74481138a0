package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.ticket.Network;

/** How the client meets a node that is away, foreign, starting or broken. */
class CoreChainErrorsTest {
  private static final String HEADER =
      "{\"result\":{\"hash\":\"%s\",\"height\":5,\"time\":9},\"error\":null,\"id\":0}"
          .formatted("01".repeat(32));

  private record Reply(int status, String body) {}

  @TempDir Path folder;
  private final Deque<Reply> replies = new ArrayDeque<>();
  private final Deque<String> credentials = new ArrayDeque<>();
  private HttpServer server;
  private Path cookie;
  private CoreChain chain;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          credentials.add(exchange.getRequestHeaders().getFirst("Authorization"));
          Reply reply = replies.removeFirst();
          byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    cookie = Files.writeString(folder.resolve(".cookie"), "__cookie__:secret");
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    chain =
        CoreChain.open(
            Network.REGTEST, new RpcConfig(uri, cookie, Duration.ofSeconds(5)), List.of());
  }

  @AfterEach
  void stop() {
    chain.close();
    server.stop(0);
  }

  private static Reply info(String name) {
    return new Reply(
        200,
        ("{\"result\":{\"chain\":\"%s\",\"bestblockhash\":\"%s\",\"headers\":5,"
                + "\"initialblockdownload\":true,\"pruned\":true},\"error\":null,\"id\":0}")
            .formatted(name, "01".repeat(32)));
  }

  private ChainException.Kind failure() {
    ChainException failure = assertThrows(ChainException.class, chain::status);
    assertFalse(failure.getMessage().contains("secret"), "the cookie must stay secret");
    return failure.kind();
  }

  @Test
  void shouldReadTheCookieAnewWhenRefused() {
    replies.add(new Reply(401, ""));
    replies.add(info("regtest"));
    replies.add(new Reply(200, HEADER));
    replies.add(genesis(Genesis.hashOf(Network.REGTEST).toReversedHex()));
    ChainStatus status = chain.status();
    assertEquals(5, status.tip().height());
    assertTrue(status.initialDownload() && status.pruned() && !status.synced());
    assertEquals(4, credentials.size());
  }

  @Test
  void shouldGiveUpWhenTheCookieStaysWrong() {
    replies.add(new Reply(401, ""));
    replies.add(new Reply(401, ""));
    assertEquals(ChainException.Kind.UNAUTHORIZED, failure());
  }

  @Test
  void shouldRefuseAnotherNetwork() {
    replies.add(info("main"));
    assertEquals(ChainException.Kind.WRONG_NETWORK, failure());
    replies.add(info("othercoin"));
    assertEquals(ChainException.Kind.WRONG_NETWORK, failure());
  }

  @Test
  void shouldRefuseAChainThatOnlyHasTheName() {
    replies.add(info("regtest"));
    replies.add(new Reply(200, HEADER));
    replies.add(genesis("77".repeat(32)));
    assertEquals(ChainException.Kind.WRONG_NETWORK, failure());
  }

  private static Reply genesis(String hash) {
    return new Reply(200, "{\"result\":\"%s\",\"error\":null,\"id\":0}".formatted(hash));
  }

  @Test
  void shouldCallAStartingOrBusyOrMissingNodeUnavailable() {
    replies.add(
        new Reply(
            500, "{\"result\":null,\"error\":{\"code\":-28,\"message\":\"Loading\"},\"id\":0}"));
    assertEquals(ChainException.Kind.UNAVAILABLE, failure());
    replies.add(new Reply(503, "Work queue depth exceeded"));
    assertEquals(ChainException.Kind.UNAVAILABLE, failure());
    server.stop(0);
    assertEquals(ChainException.Kind.UNAVAILABLE, failure());
  }

  @Test
  void shouldNotGuessAtNonsense() {
    replies.add(new Reply(200, "<html>"));
    assertEquals(ChainException.Kind.PROTOCOL, failure());
    replies.add(new Reply(200, "{\"id\":0}"));
    assertEquals(ChainException.Kind.PROTOCOL, failure());
  }
}
