package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Block;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.micropay.vts.ticket.Bytes32;

/**
 * Walks from the ledger's tip to the chain's best block, one block a step, and tells the ledger
 * what happens to watched outputs. An agent: one thread calls {@link #doWork} again and again; the
 * thread is called the chain thread throughout this package. {@link #tip}, {@link #synced} and
 * {@link #condition} may be read by any thread.
 *
 * <p>Order for a block: its fundings and spends, then the block itself; for an undone block the
 * block first, then what it held. A restart at any instant therefore repeats what the ledger and
 * the listeners have seen already, and they ignore it; it never leaves anything out.
 *
 * <p>It fails closed: without the chain, during its initial download, while it is behind its own
 * headers, or when it turned deeper than can be undone, nothing is told, so that the ledger finds
 * its tip stale. {@link #condition} says which, and all of it is looked at again at each poll.
 */
public final class ChainFollower {
  private final Chain chain;
  private final LedgerCommands commands;
  private final EscrowWatcher watcher;
  private final List<BlockListener> listeners;
  private final FollowerConfig config;
  private final LongSupplier clockMillis;
  private final AtomicBoolean hinted = new AtomicBoolean(true);
  private final Deque<BlockRef> history = new ArrayDeque<>();
  private final Deque<CompletableFuture<LedgerCommands.Result>> inFlight = new ArrayDeque<>();
  private volatile BlockRef tip;
  private volatile boolean synced;
  private volatile ChainCondition condition = new ChainCondition(ChainCode.STARTING, "not started");
  private boolean reconciled;
  // Behind the chain's tip but on the way: registrations wait instead of being refused.
  private boolean following;
  private int highest;
  // Height of the block down to which the way was found to be allowed; MAX_VALUE when not looked.
  private int downTo = Integer.MAX_VALUE;
  private long nextPoll = Long.MIN_VALUE;
  private long nextHeartbeat = Long.MIN_VALUE;

  /**
   * A follower; {@link #start} gives it the ledger's state.
   *
   * @param clockMillis real time, for polling and heartbeats only
   */
  ChainFollower(
      Chain chain,
      LedgerCommands commands,
      EscrowWatcher watcher,
      List<BlockListener> listeners,
      FollowerConfig config,
      LongSupplier clockMillis) {
    this.chain = chain;
    this.commands = commands;
    this.watcher = watcher;
    this.listeners = List.copyOf(listeners);
    this.config = config;
    this.clockMillis = clockMillis;
  }

  /**
   * Begins where the ledger is.
   *
   * @param recent the last blocks that the ledger knows, oldest first; more of them survive a node
   *     that lost its stale branches. Empty for a new ledger, which begins at the chain's tip
   * @param outputs what the ledger has registered
   */
  void start(List<BlockRef> recent, Collection<WatchedOutput> outputs) {
    outputs.forEach(watcher::watch);
    history.addAll(recent);
    tip = history.peekLast();
    highest = tip == null ? 0 : tip.height();
    condition = new ChainCondition(ChainCode.STARTING, "the node was not asked yet");
    chain.onHint(() -> hinted.set(true));
  }

  /** The last block told to the ledger; empty before the first. */
  public Optional<BlockRef> tip() {
    return Optional.ofNullable(tip);
  }

  /** Whether that was the chain's best block when last asked, and the chain can be believed. */
  public boolean synced() {
    return synced;
  }

  /** Synced, or why not. */
  public ChainCondition condition() {
    return condition;
  }

  /**
   * One step.
   *
   * @return how much was done; 0 when there is nothing to do now
   * @throws IllegalStateException when the ledger refuses or fails: the process must halt
   */
  public int doWork() {
    int work = checkDurable();
    if (inFlight.size() >= config.maxInFlight()) {
      return work;
    }
    reconcile();
    long now = clockMillis.getAsLong();
    try {
      if (hinted.getAndSet(false) || now >= nextPoll) {
        work += advance(now);
      }
      if (synced) {
        work += watcher.serve(chain, tip, commands, now);
      } else if (!following) {
        work += watcher.refuseAll(condition.text());
      }
    } catch (ChainException e) {
      notReady(ChainCode.of(e.kind()), e.getMessage());
      nextPoll = now + config.pollMillis();
      work += watcher.refuseAll(condition.text());
    }
    return work;
  }

  /** Undoes what a crash left half told: events of a block whose own record is missing. */
  private void reconcile() {
    if (!reconciled) {
      reconciled = true;
      if (tip != null) {
        watcher.disconnectFrom(tip.height() + 1, commands);
      }
    }
  }

  private int checkDurable() {
    int done = 0;
    while (!inFlight.isEmpty() && inFlight.peekFirst().isDone()) {
      LedgerCommands.Result result = inFlight.removeFirst().join();
      if (result.code() != 0) {
        throw new IllegalStateException(
            "the ledger refused a block at or before " + tip + " with code " + result.code());
      }
      done++;
    }
    return done;
  }

  private int advance(long now) {
    ChainStatus status = chain.status();
    if (status.initialDownload()) {
      notReady(
          ChainCode.INITIAL_DOWNLOAD,
          "the node is in its initial download, at block " + status.tip().height());
      nextPoll = now + config.pollMillis();
      return 0;
    }
    if (status.headers() > status.tip().height() + 1) {
      notReady(
          ChainCode.NODE_BEHIND,
          "the node is at block " + status.tip().height() + " of " + status.headers());
      nextPoll = now + config.pollMillis();
      return 0;
    }
    if (tip == null) {
      // A new ledger: nothing is registered, so no earlier block matters.
      append(status.tip());
    }
    if (status.tip().height() < tip.height() && inHistory(status.tip().hash())) {
      // A node that lost its newest blocks in a crash, not a reorganization: it will load them.
      notReady(
          ChainCode.NODE_BEHIND,
          "the node is at block " + status.tip() + ", the ledger at " + tip.height());
      nextPoll = now + config.pollMillis();
      return 0;
    }
    if (!status.tip().hash().equals(tip.hash())) {
      return follow(status.tip(), now);
    }
    synced = true;
    following = false;
    condition = ChainCondition.SYNCED;
    nextPoll = now + config.pollMillis();
    return heartbeat(now);
  }

  private boolean inHistory(Bytes32 hash) {
    return history.stream().anyMatch(block -> block.hash().equals(hash));
  }

  private int heartbeat(long now) {
    if (now < nextHeartbeat) {
      return 0;
    }
    nextHeartbeat = now + config.heartbeatMillis();
    commands.tipSeen(tip);
    return 1;
  }

  private void notReady(ChainCode code, String why) {
    synced = false;
    following = false;
    condition = new ChainCondition(code, why);
  }

  /** One block towards the best chain, down or up, unless it turned too far below. */
  private int follow(BlockRef best, long now) {
    Optional<Bytes32> here = chain.hashAt(tip.height());
    boolean down = here.isEmpty() || !here.get().equals(tip.hash());
    if (down && tip.height() <= downTo) {
      downTo = Integer.MAX_VALUE;
    }
    if (down && downTo == Integer.MAX_VALUE) {
      BlockRef fork = fork();
      if (highest - fork.height() > config.horizon() && !config.accepts(fork.hash())) {
        notReady(ChainCode.REORG_TOO_DEEP, tooDeep(fork));
        nextPoll = now + config.pollMillis();
        return 0;
      }
      downTo = fork.height();
    }
    notReady(ChainCode.FOLLOWING, "following from block " + tip.height() + " to " + best);
    following = true;
    hinted.set(true);
    if (down) {
      disconnect();
      return 1;
    }
    downTo = Integer.MAX_VALUE;
    return up();
  }

  private String tooDeep(BlockRef fork) {
    return ("the chain turned at block %s, %d below %d, and %d can be undone;"
            + " see 'After a deep reorganization' in docs/OPERATIONS.md")
        .formatted(fork, highest - fork.height(), highest, config.horizon());
  }

  /** The last block that the ledger's chain and the node's have in common. */
  private BlockRef fork() {
    BlockRef oldest = tip;
    Iterator<BlockRef> down = history.descendingIterator();
    while (down.hasNext()) {
      oldest = down.next();
      if (isOnBestChain(oldest)) {
        return oldest;
      }
    }
    while (oldest.height() > 0) {
      oldest = parentOf(oldest);
      if (isOnBestChain(oldest)) {
        return oldest;
      }
    }
    throw new ChainException(
        ChainException.Kind.WRONG_NETWORK, "the node's chain has no block of the ledger's");
  }

  private boolean isOnBestChain(BlockRef block) {
    return chain.hashAt(block.height()).filter(block.hash()::equals).isPresent();
  }

  private BlockRef parentOf(BlockRef block) {
    return chain
        .header(whole(block).previous())
        .orElseThrow(
            () ->
                new ChainException(
                    ChainException.Kind.PROTOCOL,
                    "neither ledger nor node knows the block before " + block));
  }

  /**
   * The block with its parent. A ledger that was taken below its first block by a reorganization
   * knows its tip's hash alone.
   */
  private BlockRef whole(BlockRef block) {
    if (block.height() == 0 || !block.previous().equals(Bytes32.ZERO)) {
      return block;
    }
    return chain
        .header(block.hash())
        .orElseThrow(
            () ->
                new ChainException(
                    ChainException.Kind.PROTOCOL, "the node does not know the block " + block));
  }

  private int up() {
    Optional<ChainBlock> next = chain.hashAt(tip.height() + 1).flatMap(chain::block);
    if (next.isEmpty() || !next.get().ref().previous().equals(tip.hash())) {
      // The chain turned between two questions; the next step sees where to.
      return 0;
    }
    connect(next.get());
    return 1;
  }

  private void connect(ChainBlock raw) {
    BlockRef ref = raw.ref();
    Block block;
    try {
      block = WireReader.block(raw.raw());
    } catch (IllegalArgumentException e) {
      throw new ChainException(
          ChainException.Kind.PROTOCOL, "the chain's block " + ref + ": " + e.getMessage(), e);
    }
    if (!ChainState.hash(block.header).equals(ref.hash())
        || !ChainState.previous(block.header).equals(tip.hash())) {
      throw new ChainException(
          ChainException.Kind.PROTOCOL, "the chain gave another block for " + ref);
    }
    List<BlockListener.Spend> spends = watcher.connect(ref, block.tx, commands);
    listeners.forEach(listener -> listener.onConnected(ref, block.tx, spends));
    append(ref);
  }

  private void append(BlockRef ref) {
    inFlight.addLast(commands.blockConnected(ref));
    history.addLast(ref);
    if (history.size() > config.horizon()) {
      history.removeFirst();
    }
    tip = ref;
    highest = Math.max(highest, ref.height());
    watcher.prune(ref.height() - config.horizon());
  }

  private BlockRef beforeLast() {
    Iterator<BlockRef> down = history.descendingIterator();
    down.next();
    return down.next();
  }

  private void disconnect() {
    BlockRef undone = whole(tip);
    BlockRef before = history.size() > 1 ? beforeLast() : parentOf(undone);
    history.removeLast();
    if (history.isEmpty()) {
      history.addLast(before);
    }
    inFlight.addLast(commands.blockDisconnected(undone));
    watcher.disconnectFrom(undone.height(), commands);
    listeners.forEach(listener -> listener.onDisconnected(undone));
    tip = before;
  }
}
