package org.micropay.vts.appliance.http;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.micropay.vts.settlement.ExportedPsbt;
import org.micropay.vts.ticket.Bytes32;

/**
 * What settlement offers for a watch-only fee wallet.
 *
 * @param export the next batch to be signed, or the replacement of the batch with this number
 * @param accept takes a signed PSBT and gives its txid
 */
public record PsbtServices(
    IntFunction<CompletableFuture<ExportedPsbt>> export,
    Function<byte[], CompletableFuture<Bytes32>> accept) {}
