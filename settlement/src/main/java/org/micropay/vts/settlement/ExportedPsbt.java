package org.micropay.vts.settlement;

import org.micropay.vts.ticket.Bytes32;

/**
 * A batch for the holder of a cold fee wallet to sign.
 *
 * @param psbt BIP 174, version 0; not copied, not to be changed
 * @param txid of the transaction, which the signatures do not change
 * @param batch the batch that it replaces; 0 for a new one
 * @param claims how many it pays
 * @param feeInputs how many inputs are to be signed
 * @param fee satoshi to the miner
 * @param change satoshi back to the wallet
 */
public record ExportedPsbt(
    byte[] psbt, Bytes32 txid, int batch, int claims, int feeInputs, long fee, long change) {}
