package org.micropay.vts.appliance.stream;

import java.util.function.LongSupplier;
import org.micropay.vts.appliance.server.AnswerCounters;
import org.micropay.vts.appliance.server.Escrows;
import org.micropay.vts.appliance.server.ReplyRouter;
import org.micropay.vts.appliance.server.ServerIdentity;
import org.micropay.vts.pipeline.ClaimIngress;

/**
 * What a connection needs of the server.
 *
 * @param identity what the welcome says
 * @param ingress the claims' way onto the ring
 * @param replies the way of answers back
 * @param escrows registrations and questions
 * @param answers counts answers that never reach the ring
 * @param clockMillis the wall clock, Unix milliseconds
 */
public record StreamServices(
    ServerIdentity identity,
    ClaimIngress ingress,
    ReplyRouter replies,
    Escrows escrows,
    AnswerCounters answers,
    LongSupplier clockMillis) {}
