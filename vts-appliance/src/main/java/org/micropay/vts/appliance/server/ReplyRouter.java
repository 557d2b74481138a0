package org.micropay.vts.appliance.server;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.HdrHistogram.SingleWriterRecorder;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.pipeline.ReplyPort;

/**
 * Brings each answer to the connection that asked. A connection id is (generation &lt;&lt; 32 |
 * place), so that an answer for a closed connection never reaches the next one in its place.
 *
 * <p>{@link #onReply} and {@link #endOfBatch} belong to the reply stage's thread and allocate
 * nothing; {@link #add} and {@link #remove} may be called by any thread.
 */
public final class ReplyRouter implements ReplyPort {
  private static final long LONGEST_NANOS = 60_000_000_000L;
  private static final int DIRTY = 256;

  private static final class Place {
    final long id;
    final ReplySink sink;
    boolean dirty; // the reply stage's thread only

    Place(long id, ReplySink sink) {
      this.id = id;
      this.sink = sink;
    }
  }

  private final AtomicReferenceArray<Place> places;
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private final Place[] dirty;
  private final AnswerCounters answers;
  private final SingleWriterRecorder latency = new SingleWriterRecorder(1, LONGEST_NANOS, 3);
  private long generation;
  private int dirtyCount;

  /** {@code capacity}: connections at most. */
  public ReplyRouter(int capacity, AnswerCounters answers) {
    this.places = new AtomicReferenceArray<>(capacity);
    this.dirty = new Place[DIRTY];
    this.answers = answers;
    for (int place = 0; place < capacity; place++) {
      free.add(place);
    }
  }

  /** A new connection's id, or -1 when there is no place left. */
  public long add(ReplySink sink) {
    synchronized (free) {
      Integer place = free.poll();
      if (place == null) {
        return -1;
      }
      long id = (++generation << 32) | place;
      places.set(place, new Place(id, sink));
      return id;
    }
  }

  /** Forgets a connection; answers still on their way to it are dropped. */
  public void remove(long id) {
    int place = (int) id;
    synchronized (free) {
      Place present = places.get(place);
      if (present != null && present.id == id) {
        places.set(place, null);
        free.add(place);
      }
    }
  }

  @Override
  public void onReply(ClaimSlot slot) {
    answers.count(slot.code());
    latency.recordValue(Math.clamp(slot.replyNanos() - slot.ingressNanos(), 1, LONGEST_NANOS));
    Place place = places.get((int) slot.connectionId());
    if (place == null || place.id != slot.connectionId()) {
      return;
    }
    place.sink.onReply(slot);
    if (!place.dirty) {
      if (dirtyCount == DIRTY) {
        endOfBatch();
      }
      place.dirty = true;
      dirty[dirtyCount++] = place;
    }
  }

  @Override
  public void endOfBatch() {
    for (int i = 0; i < dirtyCount; i++) {
      dirty[i].sink.flush();
      dirty[i].dirty = false;
      dirty[i] = null;
    }
    dirtyCount = 0;
  }

  /** Nanoseconds from ingress to reply since the last call; any one thread. */
  public org.HdrHistogram.Histogram intervalLatency() {
    return latency.getIntervalHistogram();
  }
}
