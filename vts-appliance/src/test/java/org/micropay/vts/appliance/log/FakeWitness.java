package org.micropay.vts.appliance.log;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.transparency.Checkpoint;
import org.micropay.vts.transparency.Cosignature;
import org.micropay.vts.transparency.Ed25519Signature;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.Proofs;
import org.micropay.vts.transparency.TreeHasher;
import org.micropay.vts.transparency.VerifierKey;
import org.micropay.vts.transparency.WitnessRequest;

/** A witness as C2SP tlog-witness wants it: strict about sizes, proofs and the log's signature. */
final class FakeWitness implements AutoCloseable {
  private final byte[] seed;
  private final VerifierKey key;
  private final HttpServer server;
  private VerifierKey log;
  private long size;
  private Bytes32 root = TreeHasher.EMPTY_ROOT;
  private int conflicts;

  FakeWitness(String name) throws IOException {
    seed = Sha256.of(name.getBytes(StandardCharsets.UTF_8)).toArray();
    byte[] publicKey = new byte[32];
    Ed25519.generatePublicKey(seed, 0, publicKey, 0);
    key = new VerifierKey(name, VerifierKey.Kind.COSIGNATURE, Bytes32.of(publicKey));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/w/add-checkpoint", this::handle);
    server.start();
  }

  VerifierKey key() {
    return key;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/w/";
  }

  /** The log that it knows; before that it answers 404. */
  synchronized void trust(VerifierKey logKey) {
    log = logKey;
  }

  /** Forgets nothing, but pretends to have seen this. */
  synchronized void pretend(long seenSize, Bytes32 seenRoot) {
    size = seenSize;
    root = seenRoot;
  }

  synchronized long size() {
    return size;
  }

  synchronized int conflicts() {
    return conflicts;
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    int status = 400;
    String answer = "";
    try {
      WitnessRequest request = WitnessRequest.parse(exchange.getRequestBody().readAllBytes());
      if (log == null) {
        status = 404;
      } else {
        Checkpoint checkpoint = Checkpoint.of(request.note(), log);
        if (request.oldSize() != size) {
          status = 409;
          answer = size + "\n";
          conflicts++;
        } else if (!Proofs.verifyConsistency(
            size, checkpoint.size(), root, checkpoint.root(), request.proof())) {
          status = 422;
        } else {
          size = checkpoint.size();
          root = checkpoint.root();
          status = 200;
          answer = cosign(checkpoint).toLine(key).toString();
        }
      }
    } catch (LogDataException e) {
      status = 403;
    }
    byte[] body = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  Cosignature cosign(Checkpoint checkpoint) {
    byte[] message = Cosignature.message(1_800_000_000, checkpoint.text());
    byte[] signature = new byte[64];
    Ed25519.sign(seed, 0, message, 0, message.length, signature, 0);
    return new Cosignature(1_800_000_000, Ed25519Signature.copyOf(signature, 0));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
