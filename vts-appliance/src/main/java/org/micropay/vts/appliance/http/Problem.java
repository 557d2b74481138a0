package org.micropay.vts.appliance.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.micropay.vts.ticket.AnswerCode;

/**
 * An error as RFC 9457 {@code application/problem+json}, with the members that programs decide on:
 * the protocol's stable {@code code} and its number, and whether the same request may succeed
 * later.
 *
 * @param type a URI reference that names the kind of problem, e.g. {@code /problems/expired}
 * @param title the kind in words, the same for every occurrence
 * @param status the HTTP status
 * @param detail this occurrence: what was wrong, which value, what to do
 * @param code the stable name, e.g. {@code EXPIRED}
 * @param number the stable number
 * @param retryable whether the very same request may be answered differently later
 * @param retryAfterMillis when to come back, for retryable answers
 * @param answer the decision, for a double-spend, which is an answer and a problem alike
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
    String type,
    String title,
    int status,
    String detail,
    String code,
    int number,
    boolean retryable,
    Integer retryAfterMillis,
    ClaimAnswer answer) {

  /** Media type of the body. */
  public static final String MEDIA_TYPE = "application/problem+json";

  /** A problem with its usual status. */
  public static Problem of(AnswerCode code, String detail) {
    return of(code, statusOf(code), detail, null);
  }

  /** A problem that tells when to come back. */
  public static Problem retry(AnswerCode code, String detail, int retryAfterMillis) {
    return of(code, statusOf(code), detail, retryAfterMillis);
  }

  /** A claim that lost against another one on the same escrow. */
  static Problem doubleSpend(ClaimAnswer answer) {
    Problem p = of(AnswerCode.DOUBLE_SPEND, AnswerCode.DOUBLE_SPEND.text());
    return new Problem(
        p.type, p.title, p.status, p.detail, p.code, p.number, p.retryable, null, answer);
  }

  /** A problem of HTTP itself (unknown path, wrong method), with the nearest protocol code. */
  public static Problem of(AnswerCode code, int status, String detail, Integer retryAfterMillis) {
    String slug = code.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    return new Problem(
        "/problems/" + slug,
        code.text(),
        status,
        detail,
        code.name(),
        code.number(),
        code.retryable(),
        retryAfterMillis,
        null);
  }

  /** The HTTP status that goes with a code. */
  public static int statusOf(AnswerCode code) {
    return switch (code) {
      case GRANTED, REGISTERED -> 200;
      case DOUBLE_SPEND, OUTPOINT_TAKEN, TERMS_MISMATCH -> 409;
      case MALFORMED,
          WRONG_NETWORK,
          WRONG_VTS_KEY,
          UNSUPPORTED_SCRIPT,
          INVALID_TERMS,
          NON_CANONICAL_SIGNATURE,
          INVALID_KEY,
          UNSUPPORTED_MESSAGE,
          DUST,
          BAD_DEPOSIT ->
          400;
      case TOO_LARGE -> 413;
      case UNKNOWN_ESCROW, UNKNOWN_CLAIM, FUNDING_NOT_FOUND -> 404;
      case WRONG_OPENING,
          LOSING_TICKET,
          BAD_TICKET_SIGNATURE,
          BAD_SPEND_SIGNATURE,
          BAD_REGISTRATION_SIGNATURE,
          FUNDING_MISMATCH,
          ESCROW_UNCONFIRMED,
          ESCROW_SPENT,
          REFUND_TOO_NEAR,
          EXPIRED ->
          422;
      case OVERLOADED, TOO_MANY_IN_FLIGHT -> 429;
      case LEDGER_FULL, DISK_RESERVE -> 507;
      case CHAIN_STALE, SHUTTING_DOWN -> 503;
      case INTERNAL -> 500;
    };
  }
}
