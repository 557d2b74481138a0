package org.micropay.vts.settlement;

import org.micropay.vts.ticket.Bytes32;

/**
 * A transaction in the mempool that spends an output.
 *
 * @param txid the spending transaction
 * @param raw its serialization with witnesses
 * @param inputIndex which of its inputs spends the output
 */
public record MempoolSpend(Bytes32 txid, byte[] raw, int inputIndex) {}
