package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;

/**
 * Registrations and the outputs under watch.
 *
 * <p>Any thread may ask to {@link #register}; the chain thread checks the funding of many at once
 * and only between blocks, when the chain's answer is at the follower's own tip. An output is
 * watched before it is looked up and its registration goes to the ledger before any later block
 * does, so no spend can slip between.
 */
public final class EscrowWatcher {
  private static final int BATCH = 500;
  private static final int PRUNE_STEP = 1 << 16;

  /**
   * Answer to a registration.
   *
   * @param code REGISTERED, or why not
   * @param position of the registration in the journal; 0 when there is none
   * @param text for people
   */
  public record Answer(AnswerCode code, long position, String text) {}

  private record Request(
      Registration registration, String client, CompletableFuture<Answer> answer) {}

  /** A registration that the ledger answered, and whether it may answer otherwise later. */
  private record Ended(Registration registration, boolean again) {}

  private final ArrayBlockingQueue<Request> requests;
  // Answers come from the thread that makes them durable.
  private final ConcurrentLinkedQueue<Ended> ended = new ConcurrentLinkedQueue<>();
  private final WatchTable table = new WatchTable();
  private final List<Request> batch = new ArrayList<>();
  private final PendingRegistrations pending =
      new PendingRegistrations(PendingRegistrations.Limits.DEFAULT);
  private int pruneAt = PRUNE_STEP;

  /**
   * A watcher.
   *
   * @param queueCapacity how many registrations may wait
   */
  public EscrowWatcher(int queueCapacity) {
    this.requests = new ArrayBlockingQueue<>(queueCapacity);
  }

  /**
   * Asks to register an escrow whose signatures were verified. Any thread.
   *
   * <p>One whose funding no block holds yet is answered FUNDING_NOT_FOUND and remembered for a
   * while: when a block shows the funding, it is registered without being asked for again.
   *
   * @param client who asks, such as a network address: bounds what is remembered for one
   * @return completes when the registration is durable or refused; OVERLOADED at once when too many
   *     wait
   */
  public CompletableFuture<Answer> register(Registration registration, String client) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    if (!requests.offer(new Request(registration, client, answer))) {
      answer.complete(
          new Answer(AnswerCode.OVERLOADED, 0, "too many registrations wait; try again soon"));
    }
    return answer;
  }

  /** Puts an output that the ledger knows under watch. */
  void watch(WatchedOutput output) {
    table.add(output.outpoint(), output.fundedHeight(), output.spentHeight());
  }

  /** Height of the block that spends the output; 0 when nothing does or it is not watched. */
  int spentHeight(Outpoint outpoint) {
    int slot = table.find(outpoint);
    return slot == WatchTable.NONE ? 0 : table.spentHeight(slot);
  }

  /** Whether the output stands in a block; empty when it is not watched. */
  Optional<Boolean> isFunded(Outpoint outpoint) {
    int slot = table.find(outpoint);
    return slot == WatchTable.NONE ? Optional.empty() : Optional.of(table.fundedHeight(slot) != 0);
  }

  /** Height of the block that holds the output; 0 when none does or it is not watched. */
  int fundedHeight(Outpoint outpoint) {
    int slot = table.find(outpoint);
    return slot == WatchTable.NONE ? 0 : table.fundedHeight(slot);
  }

  /** Bytes of memory for the outputs under watch. */
  long memoryBytes() {
    return table.memoryBytes();
  }

  /** How many registrations wait for their funding. */
  int pending() {
    return pending.size();
  }

  /** How many outputs are watched. */
  int watched() {
    return table.size();
  }

  /**
   * Handles waiting registrations against the chain.
   *
   * @param nowMillis real time, which says when one that the ledger refused for now is tried again
   * @return how many were handled; 0 when none wait or the chain moved on meanwhile
   */
  int serve(Chain chain, BlockRef tip, LedgerCommands commands, long nowMillis) {
    int forgotten = forgetEnded(nowMillis);
    for (Registration seen : pending.takeSeen(BATCH - batch.size(), nowMillis)) {
      batch.add(new Request(seen, "", new CompletableFuture<>()));
    }
    requests.drainTo(batch, BATCH - batch.size());
    if (batch.isEmpty()) {
      return forgotten;
    }
    List<Outpoint> outpoints = new ArrayList<>();
    for (Request request : batch) {
      outpoints.addAll(
          FundingCheck.outpoints(request.registration().terms(), request.registration().deposit()));
    }
    UtxoAnswer answer = chain.utxos(outpoints);
    if (!answer.tip().hash().equals(tip.hash())) {
      // They wait until the follower has caught up with the block that just arrived.
      return 0;
    }
    batch.forEach(one -> submit(one, answer, commands));
    int served = batch.size();
    batch.clear();
    return served;
  }

  /** Answers all waiting registrations with a retryable refusal. */
  int refuseAll(String why) {
    requests.drainTo(batch, BATCH);
    int refused = batch.size();
    for (Request request : batch) {
      request.answer().complete(new Answer(AnswerCode.CHAIN_STALE, 0, why + "; try again later"));
    }
    batch.clear();
    return refused;
  }

  private void submit(Request request, UtxoAnswer utxos, LedgerCommands commands) {
    Registration registration = request.registration();
    switch (FundingCheck.check(utxos, registration.terms(), registration.deposit())) {
      case FundingCheck.Refused refused ->
          request.answer().complete(refuse(request, refused, utxos.tip().height()));
      case FundingCheck.Funded funded -> {
        table.add(registration.terms().outpoint(), funded.height(), 0);
        registration
            .deposit()
            .ifPresent(value -> table.add(value.outpoint(), funded.depositHeight(), 0));
        commands
            .register(registration, funded.height(), funded.depositHeight(), funded.tip().hash())
            .whenComplete(
                (result, failure) -> {
                  ended.add(new Ended(registration, failure == null && isRetryable(result)));
                  complete(request, result, failure);
                });
      }
    }
  }

  private static boolean isRetryable(LedgerCommands.Result result) {
    return AnswerCode.ofNumber(result.code()).retryable();
  }

  /** What the ledger answered needs to be remembered no longer, unless it may answer otherwise. */
  private int forgetEnded(long nowMillis) {
    int count = 0;
    Ended one;
    while ((one = ended.poll()) != null) {
      if (one.again()) {
        pending.postpone(one.registration(), nowMillis);
      } else {
        pending.remove(one.registration());
      }
      count++;
    }
    return count;
  }

  private Answer refuse(Request request, FundingCheck.Refused refused, int tipHeight) {
    if (refused.code() != AnswerCode.FUNDING_NOT_FOUND) {
      pending.remove(request.registration());
      return new Answer(refused.code(), 0, refused.text());
    }
    OptionalInt until = pending.add(request.registration(), request.client(), tipHeight);
    String next =
        until.isPresent()
            ? "; it is watched for until block "
                + until.getAsInt()
                + " and registered when a block holds it"
            : "; too many wait already, register again when a block holds it";
    return new Answer(refused.code(), 0, refused.text() + next);
  }

  private static void complete(Request request, LedgerCommands.Result result, Throwable failure) {
    if (failure != null) {
      request.answer().completeExceptionally(failure);
      return;
    }
    AnswerCode code = AnswerCode.ofNumber(result.code());
    request.answer().complete(new Answer(code, result.position(), code.toString()));
  }

  /** Tells the ledger what a block does to watched outputs, and returns the spends. */
  List<BlockListener.Spend> connect(
      BlockRef block, List<Transaction> transactions, LedgerCommands commands) {
    List<BlockListener.Spend> spends = new ArrayList<>();
    for (Transaction tx : transactions) {
      Bytes32 txid = Transactions.txid(tx);
      pending.onTransaction(txid);
      connectOutputs(block, tx, txid, commands);
      for (int i = 0; i < tx.txIn.size(); i++) {
        TxIn in = tx.txIn.get(i);
        Outpoint outpoint = Transactions.outpoint(in.outPoint);
        int slot = table.find(outpoint);
        if (slot != WatchTable.NONE) {
          table.setSpentHeight(slot, block.height());
          commands.escrowSpent(outpoint, block.height(), txid);
          spends.add(new BlockListener.Spend(outpoint, tx, i));
        }
      }
    }
    pending.onBlock(block.height());
    return spends;
  }

  private void connectOutputs(
      BlockRef block, Transaction tx, Bytes32 txid, LedgerCommands commands) {
    for (int vout = 0; vout < tx.txOut.size(); vout++) {
      int slot = table.find(txid, vout);
      if (slot != WatchTable.NONE && table.fundedHeight(slot) != block.height()) {
        table.setFundedHeight(slot, block.height());
        commands.escrowFunded(new Outpoint(txid, vout), block.height());
      }
    }
  }

  /** Undoes everything that happened at {@code height} or above. */
  void disconnectFrom(int height, LedgerCommands commands) {
    table.forEachSpentFrom(
        height,
        slot -> {
          commands.escrowUnspent(table.outpoint(slot), table.spentHeight(slot));
          table.setSpentHeight(slot, 0);
        });
    table.forEachFundedFrom(
        height,
        slot -> {
          commands.escrowUnfunded(table.outpoint(slot), table.fundedHeight(slot));
          table.setFundedHeight(slot, 0);
        });
  }

  /** Forgets outputs spent below {@code height}, now and then. */
  void prune(int height) {
    if (table.size() >= pruneAt) {
      table.prune(height);
      pruneAt = table.size() + PRUNE_STEP;
    }
  }
}
