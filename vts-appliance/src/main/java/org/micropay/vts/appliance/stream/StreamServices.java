package org.micropay.vts.appliance.stream;

import java.util.function.LongSupplier;
import org.micropay.vts.appliance.server.AnswerCounters;
import org.micropay.vts.appliance.server.ClaimGate;
import org.micropay.vts.appliance.server.Escrows;
import org.micropay.vts.appliance.server.ReplyRouter;
import org.micropay.vts.appliance.server.ServerIdentity;

/**
 * What a connection needs of the server.
 *
 * @param identity what the welcome says
 * @param gate the claims' way onto the ring
 * @param replies the way of answers back
 * @param escrows registrations and questions
 * @param answers counts answers that never reach the ring
 * @param clockMillis the wall clock, Unix milliseconds
 */
public record StreamServices(
    ServerIdentity identity,
    ClaimGate gate,
    ReplyRouter replies,
    Escrows escrows,
    AnswerCounters answers,
    LongSupplier clockMillis) {}
