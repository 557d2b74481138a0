package org.micropay.vts.simulation;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Wall clock and nano clock of the simulated machine. The wall clock may jump either way; the nano
 * clock only moves on, a little with each look, so that nothing depends on real time. One thread.
 */
final class SimulatedClock implements InstantSource {
  static final long START_MILLIS = 1_700_000_000_000L;
  private static final long LOOK_NANOS = 20_000;

  private long millis = START_MILLIS;
  private long nanos;
  private long steps;

  @Override
  public long millis() {
    return millis;
  }

  long nanoTime() {
    nanos += LOOK_NANOS;
    return nanos;
  }

  /** One more step of the history, which takes so long. */
  void step(long takesMillis) {
    steps++;
    advance(takesMillis);
  }

  /** Steps so far. */
  long steps() {
    return steps;
  }

  /** Time passes. */
  void advance(long byMillis) {
    millis += byMillis;
    nanos += byMillis * 1_000_000L;
  }

  /** Somebody sets the wall clock. */
  void jump(long byMillis) {
    millis += byMillis;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis);
  }
}
