package org.micropay.vts.settlement;

import java.util.EnumMap;
import java.util.Map;

/** The alarms that are up, and one line of what settlement last did. The chain thread owns it. */
final class Alarms {
  private final Map<Alarm, String> raised = new EnumMap<>(Alarm.class);
  private volatile String last = "idle";

  void raise(Alarm alarm, String text) {
    raised.put(alarm, text);
    last = text;
  }

  void clear(Alarm alarm) {
    raised.remove(alarm);
  }

  /** Raises or clears. */
  void set(Alarm alarm, boolean on, String text) {
    if (on) {
      raised.put(alarm, text);
    } else {
      raised.remove(alarm);
    }
  }

  void say(String text) {
    last = text;
  }

  /** One line for people. Any thread. */
  String last() {
    return last;
  }

  /** A copy. */
  Map<Alarm, String> raised() {
    return new EnumMap<>(raised);
  }
}
