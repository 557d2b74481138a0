package org.micropay.vts.settlement;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;

/** A second bitcoind beside a regtest node, which gives it its blocks in place of peers. */
final class SpareNode implements SpareChain {
  private static final int BATCH = 100;

  private final NodeProcess process;
  private final Kind kind;
  private final CoreChain source;
  private final CoreChain chain;

  private SpareNode(NodeProcess process, Kind kind, CoreChain source) {
    this.process = process;
    this.kind = kind;
    this.source = source;
    this.chain =
        CoreChain.open(Network.REGTEST, process.rpcConfig(), List.of(process.zmqEndpoint()));
  }

  /**
   * Starts it.
   *
   * @param first the node beside which it runs; its folder holds the second's
   * @param number of the spare node, from 1
   * @param source where its blocks come from
   */
  static SpareNode start(NodeProcess first, int number, Kind kind, CoreChain source) {
    Path folder = first.folder().resolve("spare-" + number);
    NodeProcess process = NodeProcess.start(first.bitcoind(), folder, options(kind));
    SpareNode spare = new SpareNode(process, kind, source);
    if (kind == Kind.PRUNED) {
      spare.catchUp();
    }
    return spare;
  }

  private static List<String> options(Kind kind) {
    return switch (kind) {
      case FOREIGN -> List.of("-signet", "-disablewallet=1");
      // Without -maxtipage: a tip as old as the first block's means that history is being loaded.
      case FRESH -> List.of("-regtest", "-disablewallet=1");
      // Files of 64 KiB, so that there is something to prune in a chain of some hundred blocks.
      case PRUNED ->
          List.of("-regtest", "-disablewallet=1", "-maxtipage=999999999", "-fastprune", "-prune=1");
      case UNHEARD -> throw new IllegalArgumentException("no node of its own is needed");
    };
  }

  @Override
  public Chain chain() {
    return chain;
  }

  /** Blocks that it lacks, and, when it prunes, as much as it may: all but the last 288 blocks. */
  @Override
  public void catchUp() {
    if (kind == Kind.FOREIGN) {
      return;
    }
    int from = process.rpc().call("getblockcount").asInt() + 1;
    int tip = source.tip().height();
    for (int height = from; height <= tip; height += BATCH) {
      List<JsonRpc.Call> calls = new ArrayList<>();
      for (int at = height; at < Math.min(tip + 1, height + BATCH); at++) {
        Bytes32 hash = source.hashAt(at).orElseThrow();
        byte[] raw = source.block(hash).orElseThrow().raw();
        calls.add(new JsonRpc.Call("submitblock", HexFormat.of().formatHex(raw)));
      }
      process.rpc().batch(calls).forEach(JsonRpc.Answer::orThrow);
    }
    if (!process.rpc().call("getbestblockhash").asText().equals(tipHash())) {
      throw new IllegalStateException("the spare node does not follow to " + source.tip());
    }
    if (kind == Kind.PRUNED) {
      process.rpc().call("pruneblockchain", tip);
    }
  }

  private String tipHash() {
    return source.tip().hash().toReversedHex();
  }

  @Override
  public void close() {
    chain.close();
    process.close();
  }
}
