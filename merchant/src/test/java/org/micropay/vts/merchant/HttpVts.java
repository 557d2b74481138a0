package org.micropay.vts.merchant;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HexFormat;
import java.util.Map;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Receipt;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/** {@link Exchange} behind the VTS's HTTP interface, as far as buyers and merchants use it. */
record HttpVts(HttpServer server, Exchange exchange) implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  static HttpVts start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    HttpVts vts = new HttpVts(server, new Exchange());
    server.createContext("/v1/escrows", vts::escrows);
    server.createContext("/v1/claims", vts::claims);
    server.start();
    return vts;
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void escrows(HttpExchange http) throws IOException {
    if (http.getRequestMethod().equals("POST")) {
      String encoded = JSON.readTree(http.getRequestBody()).path("registration").asText();
      exchange.register(Registration.fromBase64Url(encoded).terms(), EscrowState.LIVE);
      answer(http, 200, Map.of("code", AnswerCode.REGISTERED.name(), "position", 1));
      return;
    }
    String path = http.getRequestURI().getPath();
    Bytes32 digest = Bytes32.fromHex(path.substring(path.lastIndexOf('/') + 1));
    EscrowFacts facts = exchange.lookup(digest).join();
    if (facts.terms().isEmpty()) {
      answer(http, 404, Map.of("code", AnswerCode.UNKNOWN_ESCROW.name()));
      return;
    }
    Terms terms = facts.terms().get();
    answer(
        http,
        200,
        Map.of(
            "state",
            facts.state().name(),
            "terms",
            terms.toBase64Url(),
            "confirmations",
            facts.confirmations(),
            "tipHeight",
            facts.tipHeight()));
  }

  private void claims(HttpExchange http) throws IOException {
    String encoded = JSON.readTree(http.getRequestBody()).path("claim").asText();
    ClaimReply reply = exchange.claim(Claim.fromBase64Url(encoded));
    Receipt receipt =
        new Receipt(reply.claimId(), reply.code(), reply.position(), reply.counterSignature());
    answer(
        http,
        reply.isGranted() ? 200 : 409,
        Map.of(
            "code",
            reply.code().name(),
            "claimId",
            reply.claimId().toHex(),
            "position",
            reply.position(),
            "signature",
            reply.counterSignature().map(s -> HexFormat.of().formatHex(s.toArray())).orElse(""),
            "receipt",
            receipt.toBase64Url()));
  }

  private static void answer(HttpExchange http, int status, Object body) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(body);
    http.getResponseHeaders().set("content-type", "application/json");
    http.sendResponseHeaders(status, bytes.length);
    http.getResponseBody().write(bytes);
    http.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
