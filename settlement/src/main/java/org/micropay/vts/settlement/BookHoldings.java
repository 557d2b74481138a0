package org.micropay.vts.settlement;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.micropay.vts.ticket.Outpoint;

/** Unspent outputs by their account, with their satoshi, while the books are kept. */
final class BookHoldings {
  final Map<Outpoint, Long> escrows = new HashMap<>();
  final Map<Outpoint, Long> deposits = new HashMap<>();
  final Map<Outpoint, Long> wallet = new HashMap<>();

  Map<Outpoint, Long> all() {
    Map<Outpoint, Long> all = new LinkedHashMap<>(escrows);
    all.putAll(deposits);
    all.putAll(wallet);
    return all;
  }

  /** Takes word of disagreements. */
  @FunctionalInterface
  interface Differences {
    void differ(String entry, String text, Object... values);
  }
}
