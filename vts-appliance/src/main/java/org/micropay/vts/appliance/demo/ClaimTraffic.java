package org.micropay.vts.appliance.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.ticket.Network;

/**
 * The merchants' claims on their way: several connections of the claim stream and one client by
 * HTTP. One thread directs; answers come on the lines' own threads.
 */
final class ClaimTraffic implements AutoCloseable {
  private static final int ANSWER_SECONDS = 180;
  private static final long LONGEST_MICROS = 600_000_000L;
  private static final int FLUSH_EVERY = 32;

  private final List<ClaimLine> streams = new ArrayList<>();
  private final ClaimLine http;
  private final List<ClaimLine> lines = new ArrayList<>();
  private final Histogram latencyMicros = new Histogram(LONGEST_MICROS, 3);
  private final AtomicLong different = new AtomicLong();
  private long sent;

  private ClaimTraffic(ClaimLine http) {
    this.http = http;
  }

  /** Lines that connect when they are first used. */
  static ClaimTraffic open(ServerProcess server, Network network) {
    ClaimTraffic traffic = new ClaimTraffic(new HttpLine(server));
    for (int i = 0; i < DemoSizes.CONNECTIONS; i++) {
      traffic.streams.add(new StreamLine(server, network));
    }
    traffic.lines.addAll(traffic.streams);
    traffic.lines.add(traffic.http);
    return traffic;
  }

  /** Claims sent so far, repeats included. */
  long sent() {
    return sent;
  }

  /** Repeated answers that were not the first one byte for byte. */
  long different() {
    return different.get();
  }

  /** From a claim's planned time to its answer, in microseconds; read it between the phases. */
  Histogram latencyMicros() {
    return latencyMicros;
  }

  /** Sends everything now and waits for the answers. */
  void send(List<PlannedClaim> claims, DemoProgress.Step step) {
    await(start(claims, step));
  }

  /** Puts everything on its way at once; the futures complete with the answers noted. */
  private List<CompletableFuture<?>> start(List<PlannedClaim> claims, DemoProgress.Step step) {
    List<CompletableFuture<?>> answers = new ArrayList<>();
    for (int i = 0; i < claims.size(); i++) {
      answers.add(note(claims.get(i), line(i, claims.get(i)).send(claims.get(i)), step));
    }
    sent += claims.size();
    lines.forEach(ClaimLine::flush);
    return answers;
  }

  private static CompletableFuture<?> note(
      PlannedClaim claim, CompletableFuture<ClaimReply> answer, DemoProgress.Step step) {
    return answer.thenAccept(
        reply -> {
          claim.answer(reply);
          step.advance(1);
        });
  }

  /** Lines take turns; what is no claim at all goes over the stream. */
  private ClaimLine line(int turn, PlannedClaim claim) {
    return claim.claim().isEmpty()
        ? streams.get(turn % streams.size())
        : lines.get(turn % lines.size());
  }

  /**
   * Sends at a planned rate, whether answers come or not, and notes how long each took from its
   * planned time on.
   */
  void sendSteadily(List<PlannedClaim> claims, int perSecond, DemoProgress.Step step) {
    long start = System.nanoTime();
    long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
    List<CompletableFuture<?>> answers = new ArrayList<>();
    for (int i = 0; i < claims.size(); i++) {
      PlannedClaim claim = claims.get(i);
      long planned = start + i * interval;
      Pauses.untilNanos(planned);
      ClaimLine line = line(i, claim);
      CompletableFuture<ClaimReply> answer = line.send(claim);
      line.flush();
      answer.thenRun(() -> record(System.nanoTime() - planned));
      answers.add(note(claim, answer, step));
    }
    sent += claims.size();
    await(answers);
  }

  private void record(long nanos) {
    synchronized (latencyMicros) {
      latencyMicros.recordValue(Math.clamp(nanos / 1_000, 1, LONGEST_MICROS));
    }
  }

  /**
   * Sends everything at once, and as soon as the first answer is there does {@code then}; waits for
   * all answers.
   */
  void sendAndThen(List<PlannedClaim> claims, Runnable then, DemoProgress.Step step) {
    List<CompletableFuture<?>> answers = start(claims, step);
    await(List.of(CompletableFuture.anyOf(answers.toArray(CompletableFuture[]::new))));
    then.run();
    await(answers);
  }

  /**
   * Sends decided claims again and compares every answer with the first one.
   *
   * @param claims each {@code times} times, spread over all connections of the stream
   * @return claims answered per second
   */
  double repeat(List<PlannedClaim> claims, int times, DemoProgress.Step step) {
    int all = claims.size() * times;
    List<Integer> turns = IntStream.range(0, streams.size()).boxed().toList();
    long start = System.nanoTime();
    Parallel.forEach(
        turns,
        turns.size(),
        turn -> {
          ClaimLine line = streams.get(turn);
          List<CompletableFuture<?>> answers = new ArrayList<>();
          for (int i = turn; i < all; i += streams.size()) {
            // Neighbours in time are different claims, and every connection sends every claim.
            PlannedClaim claim = claims.get((i / streams.size() + i) % claims.size());
            answers.add(line.send(claim).thenAccept(reply -> compare(claim, reply, step)));
            if (answers.size() % FLUSH_EVERY == 0) {
              line.flush();
            }
          }
          line.flush();
          await(answers);
        });
    sent += all;
    return all / ((System.nanoTime() - start) / 1e9);
  }

  /** Sends one decided claim again and again over every line, HTTP too. */
  void repeatOne(PlannedClaim claim, int times, DemoProgress.Step step) {
    List<CompletableFuture<?>> answers = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      ClaimLine line = lines.get(i % lines.size());
      answers.add(line.send(claim).thenAccept(reply -> compare(claim, reply, step)));
    }
    lines.forEach(ClaimLine::flush);
    sent += times;
    await(answers);
  }

  private void compare(PlannedClaim claim, ClaimReply again, DemoProgress.Step step) {
    ClaimReply first = claim.reply();
    boolean same =
        first.code() == again.code()
            && Arrays.equals(PlannedClaim.receipt(first), PlannedClaim.receipt(again));
    if (!same) {
      different.incrementAndGet();
    }
    step.advance(1);
  }

  private static void await(List<CompletableFuture<?>> answers) {
    try {
      CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
          .get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      long open = answers.stream().filter(answer -> !answer.isDone()).count();
      throw new DemoException(
          "%d of %d claims were not answered within %d s"
              .formatted(open, answers.size(), ANSWER_SECONDS),
          e);
    } catch (ExecutionException e) {
      throw new DemoException("a claim could not be sent: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoException("interrupted while claims wait for answers", e);
    }
  }

  @Override
  public void close() {
    lines.forEach(ClaimLine::close);
  }
}
