package org.micropay.vts.settlement;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One bitcoind as a child process: own folder, free ports on the loopback interface, no peers. It
 * ends with {@link #close()}, or with this JVM. One thread.
 */
final class NodeProcess implements AutoCloseable {
  private static final int START_SECONDS = 60;
  private static final int STOP_SECONDS = 30;
  private static final int POLL_MILLIS = 20;

  private final Path bitcoind;
  private final Path folder;
  private final List<String> options;
  private final int rpcPort = freePort();
  private final int zmqPort = freePort();
  private final JsonRpc rpc;
  private final Thread killer = new Thread(this::destroy, "vts-regtest-node-killer");
  private Process process;

  private NodeProcess(Path bitcoind, Path folder, List<String> options) {
    this.bitcoind = bitcoind;
    this.folder = folder.toAbsolutePath();
    this.options = List.copyOf(options);
    this.rpc = new JsonRpc(rpcConfig());
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param folder its data, made if need be; an existing chain there goes on
   * @param options beside those that keep it private, such as the network
   * @throws IllegalStateException when it does not come up
   */
  static NodeProcess start(Path bitcoind, Path folder, List<String> options) {
    NodeProcess node = new NodeProcess(bitcoind, folder, options);
    Runtime.getRuntime().addShutdownHook(node.killer);
    node.launch();
    return node;
  }

  private void launch() {
    List<String> command = new ArrayList<>(List.of(bitcoind.toString()));
    command.addAll(
        List.of(
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
            "-rpccookiefile=" + cookieFile(),
            "-zmqpubhashblock=tcp://127.0.0.1:" + zmqPort,
            "-zmqpubsequence=tcp://127.0.0.1:" + zmqPort,
            "-persistmempool=0",
            "-printtoconsole=0",
            "-dbcache=16",
            "-par=1",
            // Bitcoin Knots: Bitcoin Core's policy and block size, and no expiry date.
            "-corepolicy=1",
            "-softwareexpiry=0",
            "-blockmaxweight=3996000"));
    command.addAll(options);
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
        rpc.call("getblockcount");
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

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on the loopback interface", e);
    }
  }

  Path bitcoind() {
    return bitcoind;
  }

  Path folder() {
    return folder;
  }

  /** Its own client, without the checks of a {@link CoreChain}. */
  JsonRpc rpc() {
    return rpc;
  }

  int rpcPort() {
    return rpcPort;
  }

  /** New after each start. */
  Path cookieFile() {
    return folder.resolve("rpc.cookie");
  }

  RpcConfig rpcConfig() {
    return new RpcConfig(
        URI.create("http://127.0.0.1:" + rpcPort + "/"), cookieFile(), Duration.ofSeconds(30));
  }

  String zmqEndpoint() {
    return "tcp://127.0.0.1:" + zmqPort;
  }

  /** Stops it and starts it on the same folder; it comes back without its mempool. */
  void restart() {
    stop();
    launch();
  }

  /** SIGKILL, then a new start on what was written. */
  void kill() {
    destroy();
    launch();
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
      rpc.call("stop");
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
    rpc.close();
    try {
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook runs anyway and finds the node gone.
    }
  }
}
