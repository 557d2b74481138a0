package org.micropay.vts.merchant;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Which asks have bought something: one bit per ask of the last few minutes. An older ask is
 * refused for its age, so that memory is bounded by the asks made in one life of an ask: at 100,000
 * a second and five minutes, 3.6 MiB. One thread.
 */
final class RedeemedAsks {
  private final Map<Long, BitSet> bySecond = new HashMap<>();

  /** Uses the ask up; false when it was used before. */
  boolean redeem(long counter) {
    BitSet bits = bySecond.computeIfAbsent(AskCounter.secondOf(counter), second -> new BitSet());
    int number = AskCounter.numberOf(counter);
    if (bits.get(number)) {
      return false;
    }
    bits.set(number);
    return true;
  }

  /** Makes the ask good again. */
  void reopen(long counter) {
    BitSet bits = bySecond.get(AskCounter.secondOf(counter));
    if (bits != null) {
      bits.clear(AskCounter.numberOf(counter));
    }
  }

  /** Forgets asks made before this second. */
  void forgetBefore(long second) {
    bySecond.keySet().removeIf(s -> s < second);
  }

  /** Memory held, in bytes, about. */
  long bytes() {
    return bySecond.values().stream().mapToLong(b -> b.size() / 8 + 64).sum();
  }
}
