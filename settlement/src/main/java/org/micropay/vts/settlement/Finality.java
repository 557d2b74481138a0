package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;

/** When a transaction may be in a block: nLockTime and relative locks (BIP 68, BIP 113). */
final class Finality {
  private Finality() {}

  /**
   * Whether nLockTime is reached.
   *
   * @param height of the block
   * @param medianTime median of the eleven block times before it, Unix seconds
   */
  static boolean isFinal(Transaction tx, int height, long medianTime) {
    if (tx.lockTime == 0) {
      return true;
    }
    long reached = tx.lockTime < Transaction.LOCKTIME_THRESHOLD ? height : medianTime;
    return tx.lockTime < reached || tx.txIn.stream().allMatch(TxIn::isFinal);
  }

  /**
   * Whether an input's relative lock is reached. Time-based locks are judged by the median time at
   * the tip less that at the coin's block, as BIP 68 says.
   */
  static boolean sequenceReached(
      Transaction tx, TxIn in, int coinHeight, long coinMedianTime, int height, long medianTime) {
    if (tx.version < 2 || (in.sequence & TxIn.SEQUENCE_LOCKTIME_DISABLE_FLAG) != 0) {
      return true;
    }
    long lock = in.sequence & TxIn.SEQUENCE_LOCKTIME_MASK;
    if ((in.sequence & TxIn.SEQUENCE_LOCKTIME_TYPE_FLAG) != 0) {
      return medianTime - coinMedianTime >= lock << TxIn.SEQUENCE_LOCKTIME_GRANULARITY;
    }
    return height - coinHeight >= lock;
  }
}
