package org.micropay.vts.simulation;

import java.util.Optional;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Outpoint;

/** A claim that a client wants answered, and what it knows about it. One thread. */
final class Intent {
  private final int number;
  private final int client;
  private final byte[] bytes;
  private final Outpoint outpoint;
  private final Claim claim;
  private long retryAt;
  private AnswerCode last;
  private boolean done;

  /** {@code claim} is null when the bytes were spoiled. */
  Intent(int number, int client, byte[] bytes, Outpoint outpoint, Claim claim) {
    this.number = number;
    this.client = client;
    this.bytes = bytes;
    this.outpoint = outpoint;
    this.claim = claim;
  }

  int number() {
    return number;
  }

  int client() {
    return client;
  }

  byte[] bytes() {
    return bytes;
  }

  Outpoint outpoint() {
    return outpoint;
  }

  Optional<Claim> claim() {
    return Optional.ofNullable(claim);
  }

  boolean isDone() {
    return done;
  }

  AnswerCode last() {
    return last;
  }

  boolean isDue(long step) {
    return !done && step >= retryAt;
  }

  void sentUntil(long step) {
    retryAt = step;
  }

  /** The client hears an answer; true when it needs no other. */
  boolean hear(AnswerCode code, long retryStep) {
    last = code;
    if (code.retryable()) {
      retryAt = Math.max(retryAt, retryStep);
      return false;
    }
    boolean news = !done;
    done = true;
    return news;
  }
}
