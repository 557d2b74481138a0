package org.micropay.vts.appliance.demo;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.ticket.AnswerCode;

/**
 * A merchant's way to the VTS that does not give up: what was not answered when the connection
 * broke is sent again over the next one, and what was refused for the moment is sent again after a
 * while. Both are safe, because the same claim always gets the same answer. Any thread.
 */
abstract class ClaimLine implements AutoCloseable {
  /** A worker that may block, for whatever has to wait. */
  static final Executor VIRTUAL = work -> Thread.ofVirtual().name("demo-line").start(work);

  static final int RETRY_MILLIS = 20;

  private volatile boolean closed;

  /** Sends until there is an answer; the frame may wait for {@link #flush}. */
  CompletableFuture<ClaimReply> send(PlannedClaim claim) {
    CompletableFuture<ClaimReply> answer = new CompletableFuture<>();
    attempt(claim, answer);
    return answer;
  }

  private void attempt(PlannedClaim claim, CompletableFuture<ClaimReply> answer) {
    CompletableFuture<ClaimReply> once;
    try {
      once = sendOnce(claim);
    } catch (VtsException | DemoException e) {
      once = CompletableFuture.failedFuture(e);
    }
    once.whenComplete(
        (reply, failure) -> {
          if (failure != null) {
            again(claim, answer, failure, RETRY_MILLIS);
          } else if (isForTheMoment(claim, reply.code())) {
            again(claim, answer, null, Math.max(RETRY_MILLIS, reply.retryAfterMillis()));
          } else {
            answer.complete(reply);
          }
        });
  }

  private static boolean isForTheMoment(PlannedClaim claim, AnswerCode code) {
    return code.retryable() && !claim.expected().contains(code);
  }

  private void again(
      PlannedClaim claim, CompletableFuture<ClaimReply> answer, Throwable why, long millis) {
    if (closed) {
      answer.completeExceptionally(why == null ? new VtsException("the demo ends") : why);
      return;
    }
    VIRTUAL.execute(
        () -> {
          try {
            Pauses.millis(millis);
            attempt(claim, answer);
            flush();
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
  }

  /** One try; fails with {@link VtsException} when there was no answer to be had. */
  abstract CompletableFuture<ClaimReply> sendOnce(PlannedClaim claim);

  /** Lets go what {@link #send} may have buffered. */
  abstract void flush();

  @Override
  public void close() {
    closed = true;
  }
}
