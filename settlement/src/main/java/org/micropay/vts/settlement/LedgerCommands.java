package org.micropay.vts.settlement;

import java.util.concurrent.CompletableFuture;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;

/**
 * Port to the ledger: what settlement tells it, as journaled commands in the order of the calls.
 *
 * <p>Called by the chain thread only; may wait until there is room. Each call gives a future that
 * completes when the effect is durable, in the order of the calls, and exceptionally when it never
 * will be (the process is then halting).
 */
public interface LedgerCommands {
  /**
   * What became of a command.
   *
   * @param code number of an AnswerCode; 0 when there is nothing to answer
   * @param position of the journal record that holds the effect; 0 when nothing changed
   */
  record Result(int code, long position) {}

  /**
   * Registers an escrow whose outputs the chain shows.
   *
   * @param fundedHeight height of the block with the escrow's output
   * @param depositFundedHeight the same of the deposit; 0 without one
   * @param seenAtTip the tip at which both were seen confirmed and unspent
   */
  CompletableFuture<Result> register(
      Registration registration, int fundedHeight, int depositFundedHeight, Bytes32 seenAtTip);

  /** A block was put on the tip; its spends and fundings were told before. */
  CompletableFuture<Result> blockConnected(BlockRef block);

  /** The tip was taken off; what it held is undone by the calls that follow. */
  CompletableFuture<Result> blockDisconnected(BlockRef block);

  /** A watched output stands in the block at {@code height}. */
  CompletableFuture<Result> escrowFunded(Outpoint outpoint, int height);

  /** The block at {@code height}, in which it stood, is gone. */
  CompletableFuture<Result> escrowUnfunded(Outpoint outpoint, int height);

  /** It is spent by a transaction in the block at {@code height}. */
  CompletableFuture<Result> escrowSpent(Outpoint outpoint, int height, Bytes32 txid);

  /** The block at {@code height}, in which it was spent, is gone. */
  CompletableFuture<Result> escrowUnspent(Outpoint outpoint, int height);

  /** The chain was just seen to have this tip still: keeps the ledger from calling it stale. */
  CompletableFuture<Result> tipSeen(BlockRef tip);

  /** A record of settlement's own, opaque to the ledger. */
  CompletableFuture<Result> settlement(SettlementRecord entry);

  /** A record of the penalty's, opaque to the ledger. */
  CompletableFuture<Result> penalty(PenaltyRecord entry);
}
