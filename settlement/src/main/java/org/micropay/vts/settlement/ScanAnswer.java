package org.micropay.vts.settlement;

import java.util.List;

/**
 * All unspent outputs of one script, seen at one tip.
 *
 * @param tip the best block of the answer
 * @param utxos in no particular order
 */
public record ScanAnswer(BlockRef tip, List<Utxo> utxos) {}
