package org.micropay.vts.appliance.http;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.micropay.vts.appliance.log.TransparencyLog;
import org.micropay.vts.appliance.server.AnswerCounters;
import org.micropay.vts.appliance.server.ClaimGate;
import org.micropay.vts.appliance.server.ClaimLookup;
import org.micropay.vts.appliance.server.Escrows;
import org.micropay.vts.appliance.server.Readiness;
import org.micropay.vts.appliance.server.ReplyRouter;
import org.micropay.vts.appliance.server.ServerIdentity;
import org.micropay.vts.appliance.server.ServerStatus;
import org.micropay.vts.settlement.Books;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.DoubleSpendEvidence;

/**
 * What the HTTP interface needs of the server.
 *
 * @param identity what {@code /v1/supported} says
 * @param gate the claims' way onto the ring
 * @param replies the way of answers back
 * @param escrows registrations and questions
 * @param claims finds decided claims
 * @param evidence finds the evidence of a double-spend by the digest of the escrow's terms; reads
 *     the journal, so it takes its time
 * @param account keeps the books of the whole journal; one at a time, it takes its time
 * @param psbt batches of a watch-only fee wallet
 * @param answers counts answers that never reach the ring
 * @param readiness whether claims would be granted now, or why not
 * @param status figures for {@code /v1/status}
 * @param metrics the Prometheus text
 * @param log the transparency log
 * @param settlement the operator's hand on settlement
 * @param devChain the embedded chain's handles; absent on a real chain
 * @param blocking runs what may wait for disk, node or key
 * @param clockMillis the wall clock, Unix milliseconds
 */
public record HttpServices(
    ServerIdentity identity,
    ClaimGate gate,
    ReplyRouter replies,
    Escrows escrows,
    ClaimLookup claims,
    Function<Bytes32, Optional<DoubleSpendEvidence>> evidence,
    Supplier<Books> account,
    PsbtServices psbt,
    AnswerCounters answers,
    Supplier<Readiness> readiness,
    Supplier<ServerStatus> status,
    Supplier<String> metrics,
    TransparencyLog log,
    SettlementControl settlement,
    Optional<DevChainApi> devChain,
    Executor blocking,
    LongSupplier clockMillis) {}
