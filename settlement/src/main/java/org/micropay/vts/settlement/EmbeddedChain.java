package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Transaction;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;

/**
 * A regtest chain inside this process, so that a demonstration needs nothing but the JDK.
 *
 * <p>Its blocks are valid regtest blocks (proof of work, BIP 34 height, merkle root, witness
 * commitment): a real node accepts them. Blocks outlive the process in a {@link BlockFile}; the
 * mempool does not, like that of a node that lost its own. Any thread; one lock guards everything.
 */
public final class EmbeddedChain implements Chain, DevChain {
  private static final int MAX_BLOCK_WEIGHT = 3_996_000;
  private static final int COINBASE_WEIGHT = 4_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> hints = new CopyOnWriteArrayList<>();
  private final ChainState state = new ChainState();
  private final Mempool mempool = new Mempool(state);
  private final DevWallet wallet = new DevWallet(this);
  private final InstantSource clock;
  private BlockFile file;
  private long extraNonce;

  private EmbeddedChain(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Opens the chain in a file, or makes it.
   *
   * @throws ChainException PROTOCOL when the file is damaged
   * @throws IllegalStateException when another process uses it
   */
  public static EmbeddedChain open(Path path, InstantSource clock) {
    EmbeddedChain chain = new EmbeddedChain(clock);
    chain.file = BlockFile.open(path, chain::replay);
    return chain;
  }

  private void replay(byte kind, byte[] payload) {
    try {
      switch (kind) {
        case BlockFile.BLOCK -> state.connect(payload, false);
        case BlockFile.INVALIDATE -> {
          if (!state.tip().hash().equals(Bytes32.of(payload))) {
            throw new IllegalArgumentException("an invalidation does not name the tip");
          }
          state.disconnect();
        }
        default -> throw new IllegalArgumentException("record kind " + kind + " is unknown");
      }
    } catch (IllegalArgumentException e) {
      throw new ChainException(
          ChainException.Kind.PROTOCOL,
          "chain file is damaged after block " + state.tip() + ": " + e.getMessage(),
          e);
    }
    extraNonce++;
  }

  @Override
  public ChainStatus status() {
    return locked(
        () -> new ChainStatus(Network.REGTEST, state.tip(), state.tip().height(), false, false));
  }

  @Override
  public Optional<Bytes32> hashAt(int height) {
    return locked(() -> Optional.ofNullable(state.at(height)).map(BlockRef::hash));
  }

  @Override
  public Optional<BlockRef> header(Bytes32 hash) {
    return block(hash).map(ChainBlock::ref);
  }

  @Override
  public Optional<ChainBlock> block(Bytes32 hash) {
    return locked(() -> Optional.ofNullable(state.block(hash)));
  }

  @Override
  public UtxoAnswer utxos(List<Outpoint> outpoints) {
    return locked(
        () -> {
          Map<Outpoint, Utxo> found = new HashMap<>();
          for (Outpoint outpoint : outpoints) {
            ChainState.Coin coin = state.coin(Transactions.outPoint(outpoint));
            if (coin != null) {
              found.put(outpoint, utxo(outpoint, coin));
            }
          }
          return new UtxoAnswer(state.tip(), found);
        });
  }

  private static Utxo utxo(Outpoint outpoint, ChainState.Coin coin) {
    return new Utxo(
        outpoint,
        Transactions.script(coin.out()),
        Transactions.value(coin.out()),
        coin.height(),
        coin.coinbase());
  }

  @Override
  public ScanAnswer scan(byte[] script) {
    return locked(
        () -> {
          List<Utxo> found = new ArrayList<>();
          for (Map.Entry<OutPoint, ChainState.Coin> entry : state.coins().entrySet()) {
            ChainState.Coin coin = entry.getValue();
            if (coin.out().publicKeyScript.contentEquals(script)) {
              found.add(utxo(Transactions.outpoint(entry.getKey()), coin));
            }
          }
          return new ScanAnswer(state.tip(), found);
        });
  }

  @Override
  public Acceptance testAccept(byte[] transaction) {
    return locked(() -> mempool.offer(transaction, false));
  }

  @Override
  public Acceptance broadcast(byte[] transaction) {
    Acceptance answer = locked(() -> mempool.offer(transaction.clone(), true));
    if (answer instanceof Acceptance.Accepted) {
      hint();
    }
    return answer;
  }

  @Override
  public TxStatus transactionStatus(Bytes32 txid, int outputs) {
    return locked(
        () -> {
          BlockRef block = state.blockOf(txid);
          if (block != null) {
            return new TxStatus.Confirmed(block);
          }
          return mempool.get(txid) != null ? new TxStatus.InMempool() : new TxStatus.Unknown();
        });
  }

  @Override
  public Map<Outpoint, MempoolSpend> spendersInMempool(List<Outpoint> outpoints) {
    return locked(
        () -> {
          Map<Outpoint, MempoolSpend> spends = new HashMap<>();
          for (Outpoint outpoint : outpoints) {
            OutPoint outPoint = Transactions.outPoint(outpoint);
            Mempool.Entry entry = mempool.spender(outPoint);
            if (entry != null) {
              int index = Transactions.inputOf(entry.tx(), outPoint);
              spends.put(outpoint, new MempoolSpend(entry.txid(), entry.raw().clone(), index));
            }
          }
          return spends;
        });
  }

  @Override
  public Optional<MempoolEntry> mempoolEntry(Bytes32 txid) {
    return locked(() -> mempool.summary(txid));
  }

  @Override
  public Optional<FeeRate> estimateFeeRate(int blocks) {
    return Optional.empty();
  }

  @Override
  public void onHint(Runnable hint) {
    hints.add(hint);
  }

  private void hint() {
    hints.forEach(Runnable::run);
  }

  @Override
  public Chain chain() {
    return this;
  }

  @Override
  public SpareChain spare(SpareChain.Kind kind) {
    return new EmbeddedSpare(this, kind);
  }

  @Override
  public DevWallet wallet() {
    return wallet;
  }

  @Override
  public List<Bytes32> mine(int count, byte[] script) {
    return mine(count, script, true);
  }

  @Override
  public List<Bytes32> mineEmpty(int count, byte[] script) {
    return mine(count, script, false);
  }

  private List<Bytes32> mine(int count, byte[] script, boolean withMempool) {
    List<Bytes32> hashes = new ArrayList<>();
    locked(
        () -> {
          for (int i = 0; i < count; i++) {
            hashes.add(mineOne(script, withMempool));
          }
          file.force();
          return null;
        });
    hint();
    return hashes;
  }

  private Bytes32 mineOne(byte[] script, boolean withMempool) {
    List<Transaction> transactions = new ArrayList<>();
    long fees = 0;
    int weight = COINBASE_WEIGHT;
    if (withMempool) {
      for (Mempool.Entry entry : mempool.entries()) {
        // Parents come first, so that stopping here never takes a child without its parent.
        if (weight + entry.tx().weight() > MAX_BLOCK_WEIGHT) {
          break;
        }
        weight += entry.tx().weight();
        transactions.add(entry.tx());
        fees = Math.addExact(fees, entry.fee());
      }
    }
    BlockRef tip = state.tip();
    long time = Math.max(state.medianTime(tip.height()) + 1, clock.instant().getEpochSecond());
    Block block =
        BlockAssembler.assemble(
            new BlockAssembler.Template(tip, time, script, fees, ++extraNonce, transactions));
    byte[] raw = Block.write(block);
    Block connected = state.connect(raw, false);
    file.append(BlockFile.BLOCK, raw);
    mempool.onBlockConnected(connected);
    return state.tip().hash();
  }

  /**
   * Connects a block that was made elsewhere; every script in it is executed.
   *
   * @throws IllegalArgumentException when it is not a valid successor of the tip
   */
  public void submitBlock(byte[] raw) {
    locked(
        () -> {
          byte[] copy = raw.clone();
          Block block = state.connect(copy, true);
          file.append(BlockFile.BLOCK, copy);
          file.force();
          mempool.onBlockConnected(block);
          return null;
        });
    hint();
  }

  @Override
  public void invalidate(int count) {
    locked(
        () -> {
          List<Transaction> disconnected = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            byte[] hash = state.tip().hash().toArray();
            disconnected.addAll(0, state.disconnect().tx);
            file.append(BlockFile.INVALIDATE, hash);
          }
          file.force();
          mempool.onBlocksDisconnected(disconnected);
          return null;
        });
    hint();
  }

  /** Forgets all unconfirmed transactions, as a node does that lost its mempool. */
  public void clearMempool() {
    locked(
        () -> {
          mempool.clear();
          return null;
        });
  }

  @Override
  public void loseMempool() {
    clearMempool();
  }

  @Override
  public void kill() {
    clearMempool();
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    locked(
        () -> {
          file.close();
          return null;
        });
  }

  @Override
  public String toString() {
    return "embedded regtest chain at " + Arrays.toString(new Object[] {status().tip()});
  }
}
