package org.micropay.vts.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Messages between clients and server, in no order at all: each may be delayed for ever, arrive
 * twice, or not. A client that reads slowly loses its connection, and with it what waited there.
 */
final class Wire {
  private static final int LOSS = 25; // one of so many
  private static final int REPEAT = 40;
  private static final int SLOW_CLIENTS = 4; // clients with a number divisible by this are slow
  private static final int WAITING_AT_SLOW = 24;

  private final SplittableRandom random;
  private final List<Intent> toServer = new ArrayList<>();
  private final List<Answer> toClients = new ArrayList<>();
  private boolean faulty = true;
  private long lost;
  private long repeated;
  private long cutOff;

  Wire(SplittableRandom random) {
    this.random = random;
  }

  /** From now on everything arrives, once, in some order. */
  void heal() {
    faulty = false;
  }

  void send(Intent request) {
    put(toServer, request);
  }

  void send(Answer answer) {
    put(toClients, answer);
  }

  private <T> void put(List<T> way, T message) {
    if (faulty && random.nextInt(LOSS) == 0) {
      lost++;
      return;
    }
    way.add(message);
    if (faulty && random.nextInt(REPEAT) == 0) {
      repeated++;
      way.add(message);
    }
  }

  /** The next request to arrive, or null. */
  Intent nextRequest() {
    return take(toServer);
  }

  /** The next answer to be read by a client, or null. */
  Answer nextAnswer() {
    Answer answer = take(toClients);
    if (answer != null && faulty && isSlow(answer) && random.nextInt(8) != 0) {
      toClients.add(answer);
      cutOffSlow();
      return null;
    }
    return answer;
  }

  private static boolean isSlow(Answer answer) {
    return answer.intent().client() % SLOW_CLIENTS == 0;
  }

  private void cutOffSlow() {
    long waiting = toClients.stream().filter(Wire::isSlow).count();
    if (waiting > WAITING_AT_SLOW) {
      cutOff++;
      toClients.removeIf(Wire::isSlow);
    }
  }

  private <T> T take(List<T> way) {
    if (way.isEmpty()) {
      return null;
    }
    // Mostly the oldest, sometimes any: reordering without starving.
    int at = random.nextInt(3) == 0 ? random.nextInt(way.size()) : 0;
    return way.remove(at);
  }

  /** The server died: its connections break. */
  void disconnect() {
    lost += toServer.size();
    toServer.clear();
    // What had left may still arrive.
    toClients.removeIf(answer -> random.nextInt(3) == 0);
  }

  boolean isQuiet() {
    return toServer.isEmpty() && toClients.isEmpty();
  }

  /** What went wrong, and how often. */
  Map<String, Long> disturbances() {
    return Map.of(
        "message lost", lost, "message repeated", repeated, "slow client cut off", cutOff);
  }
}
