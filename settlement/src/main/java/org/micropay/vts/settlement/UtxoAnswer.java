package org.micropay.vts.settlement;

import java.util.Map;
import java.util.Optional;
import org.micropay.vts.ticket.Outpoint;

/**
 * Which outputs are unspent, all seen at one tip.
 *
 * @param tip the best block of the answer
 * @param utxos the unspent ones among those asked for; absence means never confirmed, or spent
 */
public record UtxoAnswer(BlockRef tip, Map<Outpoint, Utxo> utxos) {
  /** The output at {@code outpoint}, when it is confirmed and unspent. */
  public Optional<Utxo> get(Outpoint outpoint) {
    return Optional.ofNullable(utxos.get(outpoint));
  }
}
