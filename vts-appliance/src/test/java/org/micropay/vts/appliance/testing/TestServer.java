package org.micropay.vts.appliance.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.server.VtsServer;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;

/**
 * A whole server in this process, on an embedded chain in a folder of the test's, and what a test
 * needs to play buyer, merchant and miner against it. Can be stopped and started again on the same
 * folder. One thread, except for {@link #http}.
 */
public final class TestServer implements AutoCloseable {
  /** Refund height of escrows, far above every test's tip. */
  public static final int REFUND_HEIGHT = 100_000;

  /** Blocks that must bury an escrow. */
  public static final int MIN_CONFIRMATIONS = 3;

  /** Blocks between the tip and the refund height, at least. */
  public static final int REFUND_MARGIN = 20;

  /** Satoshi in an escrow. */
  public static final long VALUE = 101_000;

  /** Satoshi for a winner. */
  public static final long PAYOUT = 100_000;

  /** A ticket wins with probability 1/ODDS, unless a test chooses r2. */
  public static final int ODDS = 1000;

  private static final Set<Integer> OF_ITSELF =
      Set.of(
          RecordType.TICK.number(),
          RecordType.STATE_DIGEST.number(),
          RecordType.CHECKPOINT.number(),
          RecordType.COSIGNATURE.number());
  private static final String CONFIG =
      """
      [chain]
      kind = "embedded"
      network = "regtest"
      [journal]
      reserve_megabytes = 128
      [policy]
      min_confirmations = %d
      refund_margin = %d
      capacity = 20000
      [stream]
      listen = "127.0.0.1:0"
      @stream@
      [http]
      listen = "127.0.0.1:0"
      @http@
      [threads]
      pin = false
      idle = "backoff"
      ring_size = 1024
      [log]
      interval_seconds = 0
      [crypto]
      kernel = "scalar"
      """
          .formatted(MIN_CONFIRMATIONS, REFUND_MARGIN);

  private final Path directory;
  private final SSLContext tls;
  private final AtomicReference<Throwable> halted = new AtomicReference<>();
  private VtsServer server;
  private VtsHttpClient http;

  private TestServer(Path directory, SSLContext tls) {
    this.directory = directory;
    this.tls = tls;
  }

  /** Makes configuration and keys in {@code directory} and starts. */
  public static TestServer start(Path directory) throws IOException {
    return start(directory, "", "");
  }

  /** The same with further lines for the sections {@code [stream]} and {@code [http]}. */
  public static TestServer start(Path directory, String stream, String http) throws IOException {
    return start(directory, stream, http, null);
  }

  /** The same with both interfaces over TLS; {@code tls} is the clients'. */
  public static TestServer start(Path directory, String stream, String http, SSLContext tls)
      throws IOException {
    prepare(directory, stream, http);
    TestServer started = new TestServer(directory, tls);
    started.start();
    return started;
  }

  /** Starts on a folder that {@link #prepare} made, with whatever was added to it since. */
  public static TestServer startPrepared(Path directory) throws IOException {
    TestServer started = new TestServer(directory, null);
    started.start();
    return started;
  }

  /** Starts on a folder that has its configuration and keys. */
  public static TestServer resume(Path directory) throws IOException {
    TestServer resumed = new TestServer(directory, null);
    resumed.start();
    return resumed;
  }

  /** Makes configuration and keys only; gives the configuration's path. */
  public static Path prepare(Path directory, String stream, String http) throws IOException {
    Files.createDirectories(directory.resolve("keys"));
    for (String name : List.of("vts.key", "fee.key")) {
      try (SecretKey key = SecretKey.generate()) {
        key.writeTo(directory.resolve("keys").resolve(name));
      }
    }
    Path config = directory.resolve("vts.toml");
    return Files.writeString(config, CONFIG.replace("@stream@", stream).replace("@http@", http));
  }

  private void start() throws IOException {
    server =
        VtsServer.start(
            ConfigFile.read(directory.resolve("vts.toml")),
            (stage, cause) -> halted.compareAndSet(null, cause));
    http =
        tls == null
            ? new VtsHttpClient(httpUri())
            : new VtsHttpClient(httpUri(), HttpClient.newBuilder().sslContext(tls).build());
    Poll.until("the server is ready", () -> server.readiness().ready());
  }

  /** Stops as on SIGTERM and starts again on the same folder. */
  public void restart() throws IOException {
    close();
    start();
  }

  /** The running server. */
  public VtsServer server() {
    return server;
  }

  /** Its folder. */
  public Path directory() {
    return directory;
  }

  /** A client of the HTTP interface; any thread. */
  public VtsHttpClient http() {
    return http;
  }

  /** Scheme, host and port of the HTTP interface. */
  public URI httpUri() {
    return URI.create(
        (tls == null ? "http" : "https") + "://127.0.0.1:" + server.httpAddress().getPort());
  }

  /** Where the claim stream listens. */
  public InetSocketAddress streamAddress() {
    return new InetSocketAddress("127.0.0.1", server.streamAddress().getPort());
  }

  /** The counter-signing key. */
  public PublicKey vtsKey() {
    return PublicKey.fromHex(http.get("/v1/supported").body().path("vtsKey").asText());
  }

  // ---- chain

  /** Pays outputs with one transaction, unconfirmed until {@link #mine}. */
  public List<Outpoint> fund(List<Map<String, Object>> outputs) {
    VtsHttpClient.Answer answer = http.post("/v1/dev/fund", Map.of("outputs", outputs));
    assertEquals(200, answer.status(), answer.body().toString());
    List<Outpoint> outpoints = new ArrayList<>();
    for (JsonNode place : answer.body().path("outpoints")) {
      String[] parts = place.asText().split(":");
      outpoints.add(new Outpoint(Bytes32.fromReversedHex(parts[0]), Integer.parseInt(parts[1])));
    }
    return outpoints;
  }

  /** One output for {@link #fund}. */
  public static Map<String, Object> output(String scriptHex, long value) {
    return Map.of("script", scriptHex, "value", value);
  }

  /** Mines and waits until the new tip is journaled, and all that it changes; gives its height. */
  public int mine(int blocks) {
    long mark = durable();
    VtsHttpClient.Answer answer = http.post("/v1/dev/mine", Map.of("blocks", blocks));
    assertEquals(200, answer.status(), answer.body().toString());
    int height = answer.body().path("height").asInt();
    Poll.until(
        "block " + height + " is journaled",
        () -> recordsAfter(mark).stream().anyMatch(r -> heightOf(r) >= height));
    return height;
  }

  private static int heightOf(JournalRecord record) {
    return record.type() == RecordType.BLOCK_CONNECTED
        ? ByteBuffer.wrap(record.payload())
            .order(ByteOrder.LITTLE_ENDIAN)
            .getInt(BlockRecord.HEIGHT)
        : 0;
  }

  // ---- escrows

  /** Funded, not yet confirmed, not registered. */
  public List<TestEscrow> fundEscrows(int count, int refundHeight) {
    PublicKey vtsKey = vtsKey();
    List<TestEscrow.Draft> drafts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      drafts.add(TestEscrow.draft(vtsKey, refundHeight));
    }
    List<Outpoint> outpoints =
        fund(drafts.stream().map(d -> output(d.scriptHex(), VALUE)).toList());
    List<TestEscrow> escrows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      escrows.add(drafts.get(i).at(outpoints.get(i)));
    }
    return escrows;
  }

  /** Funded, deep enough, and registered. */
  public List<TestEscrow> escrows(int count) {
    List<TestEscrow> escrows = fundEscrows(count, REFUND_HEIGHT);
    mine(MIN_CONFIRMATIONS);
    escrows.forEach(this::register);
    return escrows;
  }

  /** One of {@link #escrows}. */
  public TestEscrow escrow() {
    return escrows(1).getFirst();
  }

  /** Registers and gives the journal position. */
  public long register(TestEscrow escrow) {
    VtsHttpClient.Answer answer = http.register(escrow.registration());
    assertEquals(AnswerCode.REGISTERED, answer.code(), answer.body().toString());
    return answer.body().path("position").asLong();
  }

  // ---- journal

  /**
   * One record of the journal.
   *
   * @param position of it
   * @param type of it
   * @param payload a copy
   */
  public record JournalRecord(long position, RecordType type, byte[] payload) {}

  /** Position of the last durable record. */
  public long durable() {
    return server.status().journal().durable();
  }

  /** What was journaled behind {@code position}, without the server's own clock ticks. */
  public List<JournalRecord> recordsAfter(long position) {
    List<JournalRecord> records = new ArrayList<>();
    long last = durable();
    try (JournalReader reader = JournalReader.open(directory.resolve("journal"), position + 1)) {
      while (reader.position() < last
          && reader.next(
              (at, type, timeMillis, payload, offset, length) -> {
                if (at > position && !OF_ITSELF.contains(type)) {
                  byte[] copy = new byte[length];
                  payload.getBytes(offset, copy);
                  records.add(new JournalRecord(at, RecordType.ofNumber(type), copy));
                }
              })) {
        // The handler keeps what it needs.
      }
    }
    return records;
  }

  /** Fails unless nothing of consequence was journaled behind {@code position}. */
  public void assertNothingJournaledAfter(long position) {
    assertEquals(
        "",
        recordsAfter(position).stream()
            .map(r -> r.type() + " at " + r.position())
            .collect(Collectors.joining(", ")),
        "refused requests change no state");
  }

  /** What the server halted for; null while it runs. */
  public Throwable haltCause() {
    return halted.get();
  }

  /** For a test that has the server halt: {@link #close} would complain. */
  public void forgetHalt() {
    halted.set(null);
  }

  @Override
  public void close() {
    if (server != null) {
      http.close();
      server.close();
      server = null;
    }
    assertNull(halted.get(), "the server halted");
  }
}
