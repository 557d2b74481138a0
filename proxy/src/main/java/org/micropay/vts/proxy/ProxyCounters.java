package org.micropay.vts.proxy;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.micropay.vts.merchant.TicketRefusal;

/** What the proxy has done since it started. Thread-safe. */
final class ProxyCounters {
  /** What became of a request. */
  enum Outcome {
    /** No price, passed on. */
    FREE,
    /** Challenged without a ticket. */
    CHALLENGED,
    /** Paid with a losing ticket. */
    LOST,
    /** Paid with a winner. */
    WON,
    /** A ticket was refused. */
    REFUSED,
    /** Refused before any ticket: malformed, too large, too many. */
    REJECTED,
    /** The server behind could not be had; the ticket is still good. */
    UPSTREAM_FAILED
  }

  private final Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);
  private final Map<TicketRefusal, LongAdder> refusals = new EnumMap<>(TicketRefusal.class);
  final AtomicInteger inProgress = new AtomicInteger();
  final AtomicInteger connections = new AtomicInteger();
  final LongAdder asks = new LongAdder();
  final LongAdder upgrades = new LongAdder();

  ProxyCounters() {
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(outcome, new LongAdder());
    }
    for (TicketRefusal refusal : TicketRefusal.values()) {
      refusals.put(refusal, new LongAdder());
    }
  }

  void count(Outcome outcome) {
    outcomes.get(outcome).increment();
  }

  void count(TicketRefusal refusal) {
    refusals.get(refusal).increment();
    count(refusal == TicketRefusal.PAYMENT_REQUIRED ? Outcome.CHALLENGED : Outcome.REFUSED);
  }

  Map<String, Long> outcomes() {
    Map<String, Long> values = new java.util.TreeMap<>();
    outcomes.forEach((outcome, n) -> values.put(outcome.name(), n.sum()));
    return values;
  }

  /** Reasons that occurred. */
  Map<String, Long> refusals() {
    Map<String, Long> values = new java.util.TreeMap<>();
    refusals.forEach(
        (refusal, n) -> {
          if (n.sum() > 0) {
            values.put(refusal.name(), n.sum());
          }
        });
    return values;
  }
}
