package org.micropay.vts.settlement;

import org.micropay.vts.ticket.Outpoint;

/**
 * A confirmed output that nothing confirmed spends.
 *
 * @param outpoint where it is
 * @param script its output script; not copied, not to be changed
 * @param value satoshi
 * @param height of the block that made it
 * @param coinbase whether a coinbase made it, so that it needs 100 blocks on top to be spent
 */
public record Utxo(Outpoint outpoint, byte[] script, long value, int height, boolean coinbase) {
  /** Blocks from a coinbase output to the first block that may spend it. */
  public static final int COINBASE_MATURITY = 100;

  /** Whether a transaction in the block after {@code tipHeight} may spend it. */
  public boolean spendableAfter(int tipHeight) {
    return !coinbase || tipHeight + 1 - height >= COINBASE_MATURITY;
  }
}
