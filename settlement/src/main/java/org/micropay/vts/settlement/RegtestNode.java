package org.micropay.vts.settlement;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;

/**
 * A private bitcoind on regtest, for tests and demonstrations: own folder, free ports on the
 * loopback interface, no peers. It ends with {@link #close()}, or with this JVM.
 */
public final class RegtestNode implements DevChain {
  private static final int START_SECONDS = 60;
  private static final int STOP_SECONDS = 30;
  private static final int POLL_MILLIS = 20;
  private static final int MOCK_STEP_SECONDS = 10;

  private final Path bitcoind;
  private final Path folder;
  private final boolean wallets;
  private final int rpcPort;
  private final int zmqPort;
  private final CoreChain chain;
  private final DevWallet wallet;
  private final Thread killer = new Thread(this::destroy, "vts-regtest-node-killer");
  private Process process;
  private long mockTime;

  private RegtestNode(Path bitcoind, Path folder, boolean wallets) {
    this.bitcoind = bitcoind;
    this.folder = folder;
    this.wallets = wallets;
    this.rpcPort = freePort();
    this.zmqPort = freePort();
    RpcConfig config =
        new RpcConfig(
            URI.create("http://127.0.0.1:" + rpcPort + "/"), cookieFile(), Duration.ofSeconds(30));
    this.chain = CoreChain.open(Network.REGTEST, config, List.of(zmqEndpoint()));
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
   * The same with the node's own wallets switched on or off: settlement needs none, a cold signer
   * may be one.
   */
  static RegtestNode start(Path bitcoind, Path folder, boolean wallets) {
    RegtestNode node = new RegtestNode(bitcoind, folder.toAbsolutePath(), wallets);
    Runtime.getRuntime().addShutdownHook(node.killer);
    node.launch();
    return node;
  }

  private void launch() {
    List<String> command = new ArrayList<>(List.of(bitcoind.toString()));
    command.addAll(
        List.of(
            "-regtest",
            "-datadir=" + folder,
            "-server=1",
            "-listen=0",
            "-connect=0",
            "-dnsseed=0",
            "-natpmp=0",
            "-listenonion=0",
            "-rpcbind=127.0.0.1",
            "-rpcallowip=127.0.0.1",
            "-rpcport=" + rpcPort,
            "-zmqpubhashblock=tcp://127.0.0.1:" + zmqPort,
            "-zmqpubsequence=tcp://127.0.0.1:" + zmqPort,
            "-disablewallet=" + (wallets ? 0 : 1),
            "-persistmempool=0",
            "-printtoconsole=0",
            "-dbcache=16",
            "-par=1",
            // A chain made for a test is never "still downloading".
            "-maxtipage=999999999",
            // Bitcoin Knots: Bitcoin Core's policy and block size, and no expiry date.
            "-corepolicy=1",
            "-softwareexpiry=0",
            "-blockmaxweight=3996000"));
    try {
      Files.createDirectories(folder);
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("bitcoind.out").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + bitcoind + ": " + e.getMessage(), e);
    }
    awaitReady();
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      try {
        chain.status();
        return;
      } catch (ChainException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new IllegalStateException(
              bitcoind + " did not come up: " + e.getMessage() + "; see " + folder, e);
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a node starts", e);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on the loopback interface", e);
    }
  }

  /** Port of the JSON-RPC on the loopback interface. */
  public int rpcPort() {
    return rpcPort;
  }

  /** The cookie that admits to the JSON-RPC; new after each start. */
  public Path cookieFile() {
    return folder.resolve("regtest").resolve(".cookie");
  }

  /** Endpoint of the node's {@code sequence} and {@code hashblock} notifications. */
  public String zmqEndpoint() {
    return "tcp://127.0.0.1:" + zmqPort;
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
    chain.rpc().call("setmocktime", mockTime);
  }

  /** Stops the node and starts it on the same folder; it comes back without its mempool. */
  public void restart() {
    stop();
    launch();
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
    destroy();
    launch();
    if (mockTime > 0) {
      chain.rpc().call("setmocktime", mockTime);
    }
  }

  private void destroy() {
    if (process == null) {
      return;
    }
    process.destroyForcibly();
    try {
      process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stop() {
    try {
      chain.rpc().call("stop");
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        destroy();
      }
    } catch (ChainException e) {
      destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      destroy();
    }
  }

  @Override
  public void close() {
    stop();
    chain.close();
    try {
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook runs anyway and finds the node gone.
    }
  }
}
