package org.micropay.vts.settlement;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;

/**
 * A Bitcoin Core node (or one that speaks its RPC) as a {@link Chain}. Needs no wallet and no
 * transaction index. Any thread.
 *
 * <p>Its notifications (ZMQ topics hashblock and sequence) serve as hints only; all facts come by
 * RPC.
 */
public final class CoreChain implements Chain {
  private static final HexFormat HEX = HexFormat.of();
  private static final int UTXO_BATCH = 1_000;
  private static final int TIP_RETRIES = 10;

  private final Network network;
  private final JsonRpc rpc;
  private final CoreMempool mempool;
  private final List<Runnable> hints = new CopyOnWriteArrayList<>();
  private final ZmqHints zmq;
  private volatile boolean genesisSeen;

  private CoreChain(Network network, RpcConfig config, List<String> zmqEndpoints) {
    this.network = network;
    this.rpc = new JsonRpc(config);
    this.mempool = new CoreMempool(rpc);
    this.zmq = new ZmqHints(zmqEndpoints, () -> hints.forEach(Runnable::run));
  }

  /**
   * Prepares to talk to a node; the first call connects.
   *
   * @param network the network that the node must follow
   * @param zmqEndpoints where it publishes hashblock and sequence; may be empty
   */
  public static CoreChain open(Network network, RpcConfig config, List<String> zmqEndpoints) {
    CoreChain chain = new CoreChain(network, config, List.copyOf(zmqEndpoints));
    chain.zmq.start();
    return chain;
  }

  JsonRpc rpc() {
    return rpc;
  }

  @Override
  public ChainStatus status() {
    JsonNode info = rpc.call("getblockchaininfo");
    Network actual = networkOf(info.path("chain").asText());
    if (actual != network) {
      throw new ChainException(
          ChainException.Kind.WRONG_NETWORK,
          "the node follows " + actual.id() + ", configured is " + network.id());
    }
    Bytes32 best = RpcValues.hash(info.path("bestblockhash"));
    BlockRef tip =
        header(best)
            .orElseThrow(
                () ->
                    protocol("the node does not know its own best block " + best.toReversedHex()));
    requireGenesis();
    return new ChainStatus(
        actual,
        tip,
        info.path("headers").asInt(),
        info.path("initialblockdownload").asBoolean(true),
        info.path("pruned").asBoolean());
  }

  /** A name is cheap: the first block must be the network's, too. Asked once. */
  private void requireGenesis() {
    if (genesisSeen) {
      return;
    }
    Bytes32 first = hashAt(0).orElseThrow(() -> protocol("the node has no block 0"));
    if (!first.equals(Genesis.hashOf(network))) {
      throw new ChainException(
          ChainException.Kind.WRONG_NETWORK,
          "the node's block 0 is " + first.toReversedHex() + ", which is not " + network.id());
    }
    genesisSeen = true;
  }

  private static Network networkOf(String coreName) {
    return switch (coreName) {
      case "main" -> Network.MAINNET;
      case "test" -> Network.TESTNET3;
      case "testnet4" -> Network.TESTNET4;
      case "signet" -> Network.SIGNET;
      case "regtest" -> Network.REGTEST;
      default ->
          throw new ChainException(
              ChainException.Kind.WRONG_NETWORK,
              "the node follows a chain of unknown name '" + coreName + "'");
    };
  }

  @Override
  public Optional<Bytes32> hashAt(int height) {
    return RpcValues.orEmpty(
            RpcException.INVALID_PARAMETER, () -> Optional.of(rpc.call("getblockhash", height)))
        .map(RpcValues::hash);
  }

  @Override
  public Optional<BlockRef> header(Bytes32 hash) {
    return RpcValues.orEmpty(
            RpcException.INVALID_ADDRESS_OR_KEY,
            () -> Optional.of(rpc.call("getblockheader", hash.toReversedHex())))
        .map(CoreChain::ref);
  }

  private static BlockRef ref(JsonNode header) {
    JsonNode previous = header.path("previousblockhash");
    return new BlockRef(
        RpcValues.hash(header.path("hash")),
        header.path("height").asInt(),
        previous.isMissingNode() ? Bytes32.ZERO : RpcValues.hash(previous),
        header.path("time").asLong());
  }

  @Override
  public Optional<ChainBlock> block(Bytes32 hash) {
    Optional<BlockRef> ref = header(hash);
    if (ref.isEmpty()) {
      return Optional.empty();
    }
    try {
      byte[] raw = HEX.parseHex(rpc.call("getblock", hash.toReversedHex(), 0).asText());
      return Optional.of(new ChainBlock(ref.get(), raw));
    } catch (RpcException e) {
      throw new ChainException(
          ChainException.Kind.PRUNED, "the node has no data of block " + ref.get(), e);
    }
  }

  @Override
  public UtxoAnswer utxos(List<Outpoint> outpoints) {
    for (int attempt = 0; attempt < TIP_RETRIES; attempt++) {
      Optional<UtxoAnswer> answer = utxosAt(tip(), outpoints);
      if (answer.isPresent()) {
        return answer.get();
      }
    }
    throw new ChainException(
        ChainException.Kind.UNAVAILABLE,
        "the tip moved during each of " + TIP_RETRIES + " look-ups of " + outpoints.size());
  }

  /** Empty when the tip moved meanwhile. */
  private Optional<UtxoAnswer> utxosAt(BlockRef tip, List<Outpoint> outpoints) {
    Map<Outpoint, Utxo> found = new HashMap<>();
    for (int from = 0; from < outpoints.size(); from += UTXO_BATCH) {
      List<Outpoint> part = outpoints.subList(from, Math.min(outpoints.size(), from + UTXO_BATCH));
      List<JsonRpc.Call> calls = new ArrayList<>();
      for (Outpoint outpoint : part) {
        calls.add(
            new JsonRpc.Call(
                "gettxout",
                outpoint.txid().toReversedHex(),
                Integer.toUnsignedLong(outpoint.vout()),
                false));
      }
      // An output that is not there names no tip, so the tip is asked again at the end.
      calls.add(new JsonRpc.Call("getbestblockhash"));
      List<JsonRpc.Answer> answers = rpc.batch(calls);
      if (!RpcValues.hash(answers.getLast().orThrow()).equals(tip.hash())) {
        return Optional.empty();
      }
      for (int i = 0; i < part.size(); i++) {
        JsonNode out = answers.get(i).orThrow();
        if (out.isNull()) {
          continue;
        }
        if (!RpcValues.hash(out.path("bestblock")).equals(tip.hash())) {
          return Optional.empty();
        }
        found.put(part.get(i), utxo(part.get(i), out, tip));
      }
    }
    return Optional.of(new UtxoAnswer(tip, found));
  }

  private static Utxo utxo(Outpoint outpoint, JsonNode out, BlockRef tip) {
    return new Utxo(
        outpoint,
        HEX.parseHex(out.path("scriptPubKey").path("hex").asText()),
        RpcValues.satoshi(out.path("value")),
        tip.height() - out.path("confirmations").asInt() + 1,
        out.path("coinbase").asBoolean());
  }

  @Override
  public ScanAnswer scan(byte[] script) {
    JsonNode result =
        rpc.callLong("scantxoutset", "start", List.of("raw(" + HEX.formatHex(script) + ")"));
    if (!result.path("success").asBoolean()) {
      throw new ChainException(ChainException.Kind.UNAVAILABLE, "the node aborted the scan");
    }
    List<Utxo> utxos = new ArrayList<>();
    for (JsonNode out : result.path("unspents")) {
      utxos.add(
          new Utxo(
              new Outpoint(RpcValues.hash(out.path("txid")), out.path("vout").asInt()),
              HEX.parseHex(out.path("scriptPubKey").asText()),
              RpcValues.satoshi(out.path("amount")),
              out.path("height").asInt(),
              out.path("coinbase").asBoolean()));
    }
    Bytes32 best = RpcValues.hash(result.path("bestblock"));
    BlockRef tip =
        header(best)
            .orElseThrow(() -> protocol("scan at an unknown block " + best.toReversedHex()));
    return new ScanAnswer(tip, utxos);
  }

  @Override
  public Acceptance testAccept(byte[] transaction) {
    return mempool.testAccept(transaction);
  }

  @Override
  public Acceptance broadcast(byte[] transaction) {
    return mempool.broadcast(transaction);
  }

  @Override
  public Map<Outpoint, MempoolSpend> spendersInMempool(List<Outpoint> outpoints) {
    return mempool.spenders(outpoints);
  }

  @Override
  public Optional<MempoolEntry> mempoolEntry(Bytes32 txid) {
    return mempool.entry(txid);
  }

  @Override
  public TxStatus transactionStatus(Bytes32 txid, int outputs) {
    List<JsonRpc.Call> calls = new ArrayList<>();
    calls.add(new JsonRpc.Call("getmempoolentry", txid.toReversedHex()));
    for (int vout = 0; vout < outputs; vout++) {
      calls.add(new JsonRpc.Call("gettxout", txid.toReversedHex(), vout, false));
    }
    List<JsonRpc.Answer> answers = rpc.batch(calls);
    for (JsonRpc.Answer answer : answers.subList(1, answers.size())) {
      JsonNode out = answer.orThrow();
      if (!out.isNull()) {
        return confirmed(RpcValues.hash(out.path("bestblock")), out.path("confirmations").asInt());
      }
    }
    return answers.getFirst().error() == null ? new TxStatus.InMempool() : new TxStatus.Unknown();
  }

  private TxStatus confirmed(Bytes32 best, int confirmations) {
    int height =
        header(best).orElseThrow(() -> protocol("unknown block " + best.toReversedHex())).height()
            - confirmations
            + 1;
    return hashAt(height)
        .flatMap(this::header)
        .<TxStatus>map(TxStatus.Confirmed::new)
        .orElseGet(TxStatus.Unknown::new);
  }

  @Override
  public Optional<FeeRate> estimateFeeRate(int blocks) {
    JsonNode rate = rpc.call("estimatesmartfee", blocks).path("feerate");
    return rate.isNumber() ? Optional.of(new FeeRate(RpcValues.satoshi(rate))) : Optional.empty();
  }

  @Override
  public void onHint(Runnable hint) {
    hints.add(hint);
  }

  @Override
  public long hintsLost() {
    return zmq.lost();
  }

  /** Notifications that arrived. */
  long hintsHeard() {
    return zmq.heard();
  }

  private static ChainException protocol(String what) {
    return new ChainException(ChainException.Kind.PROTOCOL, what);
  }

  @Override
  public void close() {
    zmq.close();
    rpc.close();
  }
}
