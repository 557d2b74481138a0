package org.micropay.vts.settlement;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;

/**
 * A private bitcoind on regtest, for tests and demonstrations: own folder, free ports on the
 * loopback interface, no peers. It ends with {@link #close()}, or with this JVM.
 */
public final class RegtestNode implements DevChain {
  /** What to do when {@link #find} finds none. */
  public static final String MISSING =
      "no bitcoind: set BITCOIND or run ops/node/ensure-bitcoind.sh";

  private static final int MOCK_STEP_SECONDS = 10;

  private final NodeProcess process;
  private final CoreChain chain;
  private final DevWallet wallet;
  private long mockTime;
  private int spares;

  private RegtestNode(NodeProcess process) {
    this.process = process;
    this.chain =
        CoreChain.open(Network.REGTEST, process.rpcConfig(), List.of(process.zmqEndpoint()));
    this.wallet = new DevWallet(chain);
  }

  /**
   * Finds a bitcoind: the one that the environment variable BITCOIND names, or the project's own
   * under {@code root}.
   */
  public static Optional<Path> find(Path root) {
    String named = System.getenv("BITCOIND");
    if (named != null && !named.isBlank()) {
      return Optional.of(Path.of(named));
    }
    Path own = root.resolve("build/bitcoind/bin/bitcoind");
    return Files.isExecutable(own) ? Optional.of(own) : Optional.empty();
  }

  /**
   * Starts a node and waits until it answers.
   *
   * @param folder its data, made if need be; an existing chain there goes on
   * @throws IllegalStateException when it does not come up
   */
  public static RegtestNode start(Path bitcoind, Path folder) {
    return start(bitcoind, folder, false);
  }

  /**
   * The same.
   *
   * @param wallets whether the node's own wallets are on: settlement needs none, a cold signer may
   *     be one
   */
  public static RegtestNode start(Path bitcoind, Path folder, boolean wallets) {
    List<String> options =
        List.of(
            "-regtest",
            "-disablewallet=" + (wallets ? 0 : 1),
            // A chain made for a test is never "still downloading".
            "-maxtipage=999999999");
    return new RegtestNode(NodeProcess.start(bitcoind, folder, options));
  }

  /** Port of the JSON-RPC on the loopback interface. */
  public int rpcPort() {
    return process.rpcPort();
  }

  /** The cookie that admits to the JSON-RPC; new after each start. */
  public Path cookieFile() {
    return process.cookieFile();
  }

  /** Endpoint of the node's {@code sequence} and {@code hashblock} notifications. */
  public String zmqEndpoint() {
    return process.zmqEndpoint();
  }

  /**
   * Calls one method of the node's own wallet, such as a cold signer's.
   *
   * @return its result
   * @throws RuntimeException when the node refuses
   */
  public JsonNode walletCall(String method, Object... parameters) {
    return process.rpc().call(method, parameters);
  }

  @Override
  public SpareChain spare(SpareChain.Kind kind) {
    return kind == SpareChain.Kind.UNHEARD
        ? UnheardNode.start(this, process.rpcConfig())
        : SpareNode.start(process, ++spares, kind, chain);
  }

  @Override
  public CoreChain chain() {
    return chain;
  }

  @Override
  public DevWallet wallet() {
    return wallet;
  }

  @Override
  public List<Bytes32> mine(int count, byte[] script) {
    List<Bytes32> hashes = new ArrayList<>();
    String descriptor = "raw(" + HexFormat.of().formatHex(script) + ")";
    // One call makes up to a hundred blocks: long calls would run into the time limit.
    for (int left = count; left > 0; left -= 100) {
      for (JsonNode hash :
          chain
              .rpc()
              .callLong("generatetodescriptor", Math.min(left, 100), checksummed(descriptor))) {
        hashes.add(Bytes32.fromReversedHex(hash.asText()));
      }
    }
    return hashes;
  }

  @Override
  public List<Bytes32> mineEmpty(int count, byte[] script) {
    List<Bytes32> hashes = new ArrayList<>();
    String descriptor = checksummed("raw(" + HexFormat.of().formatHex(script) + ")");
    for (int i = 0; i < count; i++) {
      JsonNode made = chain.rpc().call("generateblock", descriptor, List.of());
      hashes.add(Bytes32.fromReversedHex(made.path("hash").asText()));
    }
    return hashes;
  }

  private static String checksummed(String descriptor) {
    return descriptor + "#" + fr.acinq.bitcoin.Descriptor.checksum(descriptor);
  }

  @Override
  public void invalidate(int count) {
    BlockRef tip = chain.tip();
    Bytes32 hash = chain.hashAt(tip.height() - count + 1).orElseThrow();
    chain.rpc().callLong("invalidateblock", hash.toReversedHex());
    // A block of the same time would be the invalid one again, to the last bit.
    long now = System.currentTimeMillis() / 1_000;
    mockTime = Math.max(Math.max(now, mockTime), tip.timeSeconds()) + MOCK_STEP_SECONDS;
    setMockTime();
  }

  /** Stops the node and starts it on the same folder; it comes back without its mempool. */
  public void restart() {
    process.restart();
    setMockTime();
  }

  private void setMockTime() {
    if (mockTime > 0) {
      chain.rpc().call("setmocktime", mockTime);
    }
  }

  @Override
  public void loseMempool() {
    restart();
  }

  /**
   * SIGKILL. A node with peers loads again what it had not written; this one has none, so its
   * blocks are written first.
   */
  @Override
  public void kill() {
    chain.rpc().callLong("gettxoutsetinfo", "none");
    process.kill();
    setMockTime();
  }

  @Override
  public void close() {
    process.close();
    chain.close();
  }
}
