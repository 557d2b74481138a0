package org.micropay.vts.appliance.http;

import io.vertx.core.http.HttpMethod;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.micropay.vts.appliance.log.Inclusion;
import org.micropay.vts.appliance.server.ClaimLookup;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.LogSource;
import org.micropay.vts.transparency.TilePath;

/**
 * The public log by HTTP: its static files as C2SP tlog-tiles says, proofs for single decisions,
 * and the door for witnesses.
 */
final class LogRoutes {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String OCTETS = "application/octet-stream";

  /** Long enough for a crowd, short enough to be new. */
  private static final String MOMENTS = "public, max-age=2";

  /** A tile of a width is the same for ever. */
  private static final String FOR_EVER = "public, max-age=31536000, immutable";

  private static final int MAX_NOTE = 64 * 1024;
  private static final int UNPROCESSABLE = 422;

  private final HttpServices services;
  private final BiConsumer<HttpExchange, Supplier<Object>> blocking;
  private final GzipBundles bundles;

  LogRoutes(HttpServices services, BiConsumer<HttpExchange, Supplier<Object>> blocking) {
    this.services = services;
    this.blocking = blocking;
    this.bundles = new GzipBundles(services.log()::read);
  }

  void addTo(Router router) {
    router
        .on(HttpMethod.GET, "/log/checkpoint", (exchange, none) -> checkpoint(exchange))
        .onFolder(HttpMethod.GET, "/log/tile/", this::tile)
        .on(
            HttpMethod.POST,
            "/log/cosignatures",
            (exchange, none) ->
                exchange.body(MAX_NOTE, Set.of("text/plain"), note -> cosign(exchange, note)))
        .on(HttpMethod.GET, "/v1/proofs/{claimId}", this::proofOfClaim)
        .on(HttpMethod.GET, "/v1/positions/{position}", this::proofOfPosition);
  }

  private void checkpoint(HttpExchange exchange) {
    services
        .log()
        .read(LogSource.CHECKPOINT)
        .ifPresentOrElse(
            note -> exchange.send(200, TEXT, note, MOMENTS),
            () -> missing(exchange, "the log has no checkpoint yet; come back in a moment"));
  }

  private void tile(HttpExchange exchange, String rest) {
    Optional<TilePath> path = TilePath.parse("tile/" + rest);
    if (path.isEmpty()) {
      missing(exchange, "no tile is called that; see C2SP tlog-tiles");
      return;
    }
    boolean entries = path.get().level() == TilePath.ENTRIES;
    boolean gzip = entries && exchange.takesGzip();
    services
        .blocking()
        .execute(
            () -> {
              Supplier<Optional<byte[]>> found = read(path.get(), gzip);
              exchange.later(
                  () ->
                      found
                          .get()
                          .ifPresentOrElse(
                              bytes -> send(exchange, bytes, entries, gzip),
                              () -> missing(exchange, "the log has no " + path.get() + " yet")));
            });
  }

  /** Reads now; what went wrong is thrown where the answer is asked for. */
  private Supplier<Optional<byte[]>> read(TilePath path, boolean gzip) {
    try {
      Optional<byte[]> found = gzip ? bundles.read(path) : services.log().read(path.toString());
      return () -> found;
    } catch (RuntimeException e) {
      return () -> {
        throw e;
      };
    }
  }

  /** Hashes do not compress; entries do, and caches must know that there are two forms of them. */
  private static void send(HttpExchange exchange, byte[] tile, boolean entries, boolean gzip) {
    if (entries) {
      exchange.header("vary", "accept-encoding");
    }
    if (gzip) {
      exchange.header("content-encoding", AcceptEncoding.GZIP);
    }
    exchange.send(200, OCTETS, tile, FOR_EVER);
  }

  private static void missing(HttpExchange exchange, String detail) {
    exchange.problem(Problem.of(AnswerCode.UNSUPPORTED_MESSAGE, 404, detail, null));
  }

  /** A checkpoint with cosignatures, brought by a witness or by whoever has them. */
  private void cosign(HttpExchange exchange, byte[] note) {
    try {
      services
          .log()
          .cosign(note)
          .whenComplete(
              (names, failure) ->
                  exchange.later(
                      () -> {
                        if (failure == null) {
                          exchange.json(200, Map.of("accepted", names));
                        } else {
                          refuse(exchange, failure);
                        }
                      }));
    } catch (LogDataException e) {
      refuse(exchange, e);
    }
  }

  private static void refuse(HttpExchange exchange, Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (!(cause instanceof LogDataException)) {
      throw new IllegalStateException(cause);
    }
    exchange.problem(Problem.of(AnswerCode.MALFORMED, UNPROCESSABLE, cause.getMessage(), null));
  }

  private void proofOfClaim(HttpExchange exchange, String claimId) {
    Bytes32 id;
    try {
      id = Bytes32.fromHex(claimId);
    } catch (ProtocolException e) {
      throw new ProtocolException(AnswerCode.MALFORMED, "a claim id is 64 hex digits");
    }
    ClaimLookup.Decided decided =
        services
            .claims()
            .find(id)
            .orElseThrow(
                () ->
                    new ProtocolException(
                        AnswerCode.UNKNOWN_CLAIM, "no claim " + claimId + " has been granted"));
    prove(exchange, decided.position());
  }

  private void proofOfPosition(HttpExchange exchange, String position) {
    if (!position.matches("[1-9][0-9]{0,17}")) {
      throw new ProtocolException(AnswerCode.MALFORMED, "a journal position is a number from 1");
    }
    prove(exchange, Long.parseLong(position));
  }

  private void prove(HttpExchange exchange, long position) {
    blocking.accept(
        exchange,
        () -> {
          Optional<Inclusion> proof = services.log().inclusion(position);
          return proof.orElseThrow(() -> notYet(position));
        });
  }

  private ProtocolException notYet(long position) {
    return new ProtocolException(
        AnswerCode.UNKNOWN_CLAIM,
        services.log().covers(position)
            ? "journal record " + position + " is no grant and no double-spend"
            : "no checkpoint covers journal record " + position + " yet; come back in a moment");
  }
}
