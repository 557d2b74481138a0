package org.micropay.vts.settlement;

import java.util.List;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * A regtest chain that makes its own blocks: for demonstrations and tests.
 *
 * <p>Its coins belong to {@link DevWallet}, whose key is public knowledge.
 */
public interface DevChain extends AutoCloseable {
  /** The chain itself. */
  Chain chain();

  /**
   * Mines {@code count} blocks with what the mempool holds.
   *
   * @param script where the subsidy and fees go
   * @return their hashes, oldest first
   */
  List<Bytes32> mine(int count, byte[] script);

  /** Mines {@code count} blocks that leave the mempool alone. */
  List<Bytes32> mineEmpty(int count, byte[] script);

  /**
   * Declares the last {@code count} blocks invalid, so that the chain falls back; their
   * transactions return to the mempool. Mining on top then makes a reorganization.
   */
  void invalidate(int count);

  /** Empties the mempool, as the restart of a node does that keeps none. */
  void loseMempool();

  /**
   * Kills the chain's process, so that it loses what it had not written, and starts it again; where
   * there is no process, it loses its mempool only.
   */
  void kill();

  /** Another way to this chain, or to what an operator might take for it. */
  SpareChain spare(SpareChain.Kind kind);

  /** The wallet of the mined coins. */
  DevWallet wallet();

  /** Mines {@code count} blocks to the own wallet. */
  default List<Bytes32> mine(int count) {
    return mine(count, wallet().script());
  }

  /** Mines blocks until the wallet has {@code coins} spendable coinbase outputs. */
  default void mature(int coins) {
    int depth = Utxo.COINBASE_MATURITY + DevWallet.MATURITY_MARGIN;
    int missing = coins + depth - chain().tip().height();
    if (missing > 0) {
      mine(missing);
    }
  }

  /**
   * Puts a transaction into the mempool that makes these outputs; a block confirms it.
   *
   * @return one outpoint for each payment, in order
   */
  default List<Outpoint> fund(List<Payment> payments) {
    return wallet().fund(payments);
  }

  /** Makes a single output. */
  default Outpoint fund(byte[] script, long value) {
    return fund(List.of(new Payment(script, value))).getFirst();
  }

  @Override
  void close();
}
