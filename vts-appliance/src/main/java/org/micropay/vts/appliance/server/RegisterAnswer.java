package org.micropay.vts.appliance.server;

import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;

/**
 * Answer to a registration.
 *
 * @param code REGISTERED or the reason for the refusal
 * @param termsDigest of the terms, zero when they could not be read
 * @param position of the journal record, 0 when refused
 * @param retryAfterMillis when to come back, 0 unless retryable
 * @param detail one line: what was wrong, which value, what to do; empty when registered
 */
public record RegisterAnswer(
    AnswerCode code, Bytes32 termsDigest, long position, int retryAfterMillis, String detail) {}
