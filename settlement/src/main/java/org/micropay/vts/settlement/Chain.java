package org.micropay.vts.settlement;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Port to a Bitcoin block chain with its mempool. All methods may be called from any thread and may
 * block for a network round trip.
 *
 * <p>Every method throws {@link ChainException} when the chain cannot answer; an empty answer
 * always means that the chain was asked and has nothing. Transactions travel as serialized bytes
 * (BIP 144).
 */
public interface Chain extends AutoCloseable {
  /** State of the chain, read now. Refuses a chain of another network than configured. */
  ChainStatus status();

  /** The best block. */
  default BlockRef tip() {
    return status().tip();
  }

  /** Hash of the best chain's block at {@code height}; empty above the tip. */
  Optional<Bytes32> hashAt(int height);

  /** Place of a block that the chain knows, of the best chain or of a stale branch. */
  Optional<BlockRef> header(Bytes32 hash);

  /**
   * A whole block, of the best chain or of a stale branch; empty when the chain does not know it.
   *
   * @throws ChainException PRUNED when only its header is left
   */
  Optional<ChainBlock> block(Bytes32 hash);

  /** Which of these outputs are confirmed and unspent (the mempool is ignored), seen at one tip. */
  UtxoAnswer utxos(List<Outpoint> outpoints);

  /** All confirmed unspent outputs of a script. Takes minutes on a large chain. */
  ScanAnswer scan(byte[] script);

  /** Whether the mempool would take the transaction. */
  Acceptance testAccept(byte[] transaction);

  /** Offers the transaction to the mempool and the network. Safe to repeat. */
  Acceptance broadcast(byte[] transaction);

  /**
   * Where a transaction is. A confirmed one whose outputs are all spent may be {@link
   * TxStatus.Unknown}: nodes keep no index of those.
   *
   * @param outputs how many outputs it has
   */
  TxStatus transactionStatus(Bytes32 txid, int outputs);

  /** The transactions in the mempool that spend these outputs, for those that have one. */
  Map<Outpoint, MempoolSpend> spendersInMempool(List<Outpoint> outpoints);

  /** The transaction in the mempool that spends the output. */
  default Optional<MempoolSpend> spenderInMempool(Outpoint outpoint) {
    return Optional.ofNullable(spendersInMempool(List.of(outpoint)).get(outpoint));
  }

  /** What the mempool says of a transaction; empty when it is not in there. */
  Optional<MempoolEntry> mempoolEntry(Bytes32 txid);

  /** The node's estimate to confirm within {@code blocks}; empty while it has none. */
  Optional<FeeRate> estimateFeeRate(int blocks);

  /**
   * Calls {@code hint} whenever something may have changed. Hints may be lost, doubled or late,
   * come from a thread of the chain, and must return at once.
   */
  void onHint(Runnable hint);

  /**
   * Hints that are known to be lost, because their numbers have gaps. Nothing depends on them; many
   * of them say that the way to the node is bad.
   */
  default long hintsLost() {
    return 0;
  }

  /** Releases connections and files. */
  @Override
  void close();
}
