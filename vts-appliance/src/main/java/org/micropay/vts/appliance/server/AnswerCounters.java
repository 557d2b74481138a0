package org.micropay.vts.appliance.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import org.micropay.vts.ticket.AnswerCode;

/** How often each answer was given since the start. Any thread; counting allocates nothing. */
public final class AnswerCounters {
  private static final int SIZE = 64;

  private final AtomicLongArray counts = new AtomicLongArray(SIZE);

  /** One more of this answer code. */
  public void count(int code) {
    counts.getAndIncrement(code >= 0 && code < SIZE ? code : 0);
  }

  /** How many answers with this code. */
  public long of(AnswerCode code) {
    return counts.get(code.number());
  }

  /** All answers that were given at least once, by name, in the order of their numbers. */
  public Map<String, Long> snapshot() {
    Map<String, Long> result = new LinkedHashMap<>();
    for (AnswerCode code : AnswerCode.values()) {
      long count = of(code);
      if (count > 0) {
        result.put(code.name(), count);
      }
    }
    return result;
  }
}
