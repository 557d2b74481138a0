package org.micropay.vts.settlement;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.micropay.vts.ticket.Network;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * The way to a regtest node whose notifications a relay drops, except while {@link #catchUp} lets
 * some pass: whoever listens then sees a gap in their numbers. RPC is untouched.
 */
final class UnheardNode implements SpareChain {
  private static final int RECEIVE_TIMEOUT_MILLIS = 50;
  private static final int MOST_BLOCKS = 100;
  private static final long BLOCK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long PAUSE_NANOS = 1_000_000;

  private final RegtestNode node;
  private final String to = "tcp://127.0.0.1:" + NodeProcess.freePort();
  private final CoreChain chain;
  private final Thread relay;
  private volatile boolean passing;
  private volatile boolean running = true;
  private volatile String lastBlock = "";

  private UnheardNode(RegtestNode node, RpcConfig rpc) {
    this.node = node;
    this.relay = Thread.ofPlatform().name("vts-zmq-relay").daemon(true).unstarted(this::forward);
    this.chain = CoreChain.open(Network.REGTEST, rpc, List.of(to));
  }

  /** Starts the relay, and mines until a first notification has come through. */
  static UnheardNode start(RegtestNode node, RpcConfig rpc) {
    UnheardNode unheard = new UnheardNode(node, rpc);
    unheard.relay.start();
    unheard.catchUp();
    return unheard;
  }

  private void forward() {
    try (ZContext context = new ZContext();
        ZMQ.Socket in = context.createSocket(SocketType.SUB);
        ZMQ.Socket out = context.createSocket(SocketType.PUB)) {
      in.setReceiveTimeOut(RECEIVE_TIMEOUT_MILLIS);
      in.subscribe("hashblock");
      in.subscribe("sequence");
      in.connect(node.zmqEndpoint());
      out.bind(to);
      while (running) {
        byte[] topic = in.recv();
        if (topic == null) {
          continue;
        }
        byte[] body = in.recv();
        byte[] number = in.recv();
        if (passing) {
          out.sendMore(topic);
          out.sendMore(body);
          out.send(number);
        }
        if (topic.length == "hashblock".length()) {
          lastBlock = HexFormat.of().formatHex(body);
        }
      }
    }
  }

  @Override
  public Chain chain() {
    return chain;
  }

  @Override
  public void catchUp() {
    if (!lastBlock.isEmpty()) {
      require(await(this::hasSeenTip, PATIENCE_NANOS), "the relay hears nothing of the node");
    }
    long heard = chain.hintsHeard();
    passing = true;
    boolean through = false;
    // The first subscription takes effect at some time after it was asked for.
    for (int i = 0; i < MOST_BLOCKS && !through; i++) {
      node.mineEmpty(1, node.wallet().script());
      through = await(() -> chain.hintsHeard() > heard, BLOCK_NANOS);
    }
    require(through && await(this::hasSeenTip, PATIENCE_NANOS), "no notification came through");
    passing = false;
  }

  private boolean hasSeenTip() {
    return node.chain().tip().hash().toReversedHex().equals(lastBlock);
  }

  private static boolean await(BooleanSupplier condition, long nanos) {
    long deadline = System.nanoTime() + nanos;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return true;
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalStateException(what);
    }
  }

  @Override
  public void close() {
    chain.close();
    running = false;
    try {
      relay.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
