package org.micropay.vts.settlement;

import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.micropay.vts.ticket.Bytes32;

/**
 * Granted claims whose escrow lost its block in a reorganization. The grant stands: the claim is
 * kept out of batches until the funding is confirmed again, or until another transaction spends one
 * of the funding's own inputs, which is reported as {@link ClaimOutcome#FUNDING_DOUBLE_SPENT}.
 *
 * <p>Those inputs are read from the undone block, which a node keeps. Without it (pruned, or a
 * crash lost its name) the claim stays reported as unfunded. The chain thread owns it.
 */
final class FundingWatch implements BlockListener {
  /** Why such a claim is held. */
  static final String WHY = "its escrow lost its confirmation in a reorganization";

  private final SettlementState state;
  private final SettlementJournal journal;
  private final EscrowWatcher watcher;
  private final ClaimQueue claims;
  private final SpendTracker tracker;
  // The claims that hang on each input of a funding transaction that is missing.
  private final Map<OutPoint, Set<Missing>> byInput = new HashMap<>();
  private final Set<Long> loaded = new HashSet<>();
  private int searchedTo = Integer.MAX_VALUE;

  /** A claim whose funding transaction is not on the chain. */
  private record Missing(ReleasePair pair, Bytes32 fundingTxid) {}

  FundingWatch(
      SettlementState state,
      SettlementJournal journal,
      EscrowWatcher watcher,
      ClaimQueue claims,
      SpendTracker tracker) {
    this.state = state;
    this.journal = journal;
    this.watcher = watcher;
    this.claims = claims;
    this.tracker = tracker;
  }

  /** A claim came in: whether its escrow is on the chain may have changed while nobody looked. */
  void onClaim(ReleasePair pair) {
    Optional<Boolean> funded = watcher.isFunded(pair.outpoint());
    boolean marked = state.claims().isUnfunded(pair.position());
    if (funded.isPresent() && funded.get() && marked) {
      back(pair.position());
    } else if (funded.isPresent() && !funded.get() && !marked) {
      lost(pair, 0, Bytes32.ZERO);
    } else if (marked) {
      claims.suspend(pair.position(), WHY);
      searchedTo = Math.min(searchedTo, Math.max(0, horizonBelow(pair.position())));
    }
  }

  /** After a restart nobody knows where the branch began; at most a horizon below, in any case. */
  private int horizonBelow(long position) {
    return state.claims().unfunded().stream()
        .filter(claim -> claim.position() == position)
        .mapToInt(claim -> claim.height() - SettlementState.HORIZON)
        .findFirst()
        .orElse(0);
  }

  @Override
  public void onDisconnected(BlockRef block) {
    for (ReleasePair pair : List.copyOf(claims.known())) {
      boolean unfunded = watcher.isFunded(pair.outpoint()).filter(funded -> !funded).isPresent();
      if (unfunded && !state.claims().isUnfunded(pair.position())) {
        lost(pair, block.height(), block.hash());
      }
    }
    searchedTo = Math.min(searchedTo, block.height() - 1);
  }

  private void lost(ReleasePair pair, int height, Bytes32 block) {
    journal.record(
        new SettlementRecord.ClaimUnfunded(
            pair.position(), height, pair.value(), pair.outpoint(), block));
    claims.suspend(pair.position(), WHY);
  }

  private void back(long position) {
    journal.record(new SettlementRecord.ClaimFunded(position));
    forget(position);
    claims.resume(position);
    tracker.urgent(true);
  }

  @Override
  public void onConnected(BlockRef block, List<Transaction> transactions, List<Spend> spends) {
    for (SettlementRecord.ClaimUnfunded claim : List.copyOf(state.claims().unfunded())) {
      if (watcher.isFunded(claim.outpoint()).orElse(false)) {
        back(claim.position());
      }
    }
  }

  /**
   * Looks for double-spends of what is missing; one block a call.
   *
   * @return how many blocks were read
   */
  int doWork(Chain chain, BlockRef tip) {
    if (state.claims().unfunded().isEmpty()) {
      searchedTo = tip.height();
      return 0;
    }
    for (SettlementRecord.ClaimUnfunded claim : List.copyOf(state.claims().unfunded())) {
      if (!loaded.contains(claim.position()) && claims.on(claim.outpoint()) != null) {
        load(chain, claim.blockHash());
        return 1;
      }
    }
    if (searchedTo < tip.height()) {
      search(chain, searchedTo + 1);
      return 1;
    }
    return 0;
  }

  /** Finds the inputs of everything that an undone block had funded. */
  private void load(Chain chain, Bytes32 blockHash) {
    Map<Bytes32, Transaction> transactions = new HashMap<>();
    try {
      chain
          .block(blockHash)
          .ifPresent(
              block ->
                  WireReader.block(block.raw())
                      .tx
                      .forEach(tx -> transactions.put(Transactions.txid(tx), tx)));
    } catch (ChainException e) {
      if (e.kind() != ChainException.Kind.PRUNED) {
        throw e;
      }
    }
    for (SettlementRecord.ClaimUnfunded claim : state.claims().unfunded()) {
      ReleasePair pair = claims.on(claim.outpoint());
      Transaction tx = transactions.get(claim.outpoint().txid());
      if (!claim.blockHash().equals(blockHash) || pair == null) {
        continue;
      }
      loaded.add(claim.position());
      if (tx != null) {
        Missing missing = new Missing(pair, claim.outpoint().txid());
        tx.txIn.forEach(
            in -> byInput.computeIfAbsent(in.outPoint, key -> new HashSet<>()).add(missing));
      }
    }
  }

  private void search(Chain chain, int height) {
    Optional<ChainBlock> raw = chain.hashAt(height).flatMap(chain::block);
    if (raw.isEmpty()) {
      return;
    }
    searchedTo = height;
    for (Transaction tx : WireReader.block(raw.get().raw()).tx) {
      Bytes32 txid = Transactions.txid(tx);
      for (TxIn in : tx.txIn) {
        for (Missing missing : byInput.getOrDefault(in.outPoint, Set.of())) {
          if (!txid.equals(missing.fundingTxid())) {
            tracker.close(missing.pair(), ClaimOutcome.FUNDING_DOUBLE_SPENT, height, txid);
          }
        }
      }
    }
  }

  private void forget(long position) {
    loaded.remove(position);
    byInput.values().forEach(set -> set.removeIf(one -> one.pair().position() == position));
    byInput.values().removeIf(Set::isEmpty);
  }

  /** Positions of claims of which only this is known: they lost their block. */
  List<Long> unfunded() {
    List<Long> positions = new ArrayList<>();
    for (SettlementRecord.ClaimUnfunded claim : state.claims().unfunded()) {
      if (!state.isClosed(claim.position())) {
        positions.add(claim.position());
      }
    }
    return positions;
  }
}
