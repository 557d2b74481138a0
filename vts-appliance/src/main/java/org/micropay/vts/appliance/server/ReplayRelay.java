package org.micropay.vts.appliance.server;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.micropay.vts.journal.JournalPoint;
import org.micropay.vts.journal.JournalReplay;
import org.micropay.vts.ledger.RecordType;

/**
 * Recovery on two cores: the thread that opens the journal reads and checks records and shows them
 * to the guard of grants, another one folds the rest of the state. Records go over in chunks that
 * are used again and again; the guard sees a chunk before the fold does.
 *
 * <p>{@link #onEnd} returns when everything is folded, or throws what the fold threw: before the
 * journal is written to.
 */
final class ReplayRelay implements JournalReplay, AutoCloseable {
  private static final int CHUNKS = 4;

  private final Consumer<RecordChunk> guard;
  private final Consumer<RecordChunk> fold;
  private final BlockingQueue<RecordChunk> free = new ArrayBlockingQueue<>(CHUNKS);
  private final BlockingQueue<RecordChunk> full = new ArrayBlockingQueue<>(CHUNKS + 1);
  private final RecordChunk last = new RecordChunk();
  private final Thread thread;
  private volatile Throwable failure;
  private RecordChunk current;
  private boolean ended;

  private ReplayRelay(Consumer<RecordChunk> guard, Consumer<RecordChunk> fold) {
    this.guard = guard;
    this.fold = fold;
    for (int i = 0; i < CHUNKS; i++) {
      free.add(new RecordChunk());
    }
    thread = Thread.ofPlatform().name("vts-replay").unstarted(this::run);
  }

  /** Starts the thread that folds; {@code guard} gets each chunk on the reading thread. */
  static ReplayRelay start(Consumer<RecordChunk> guard, Consumer<RecordChunk> fold) {
    ReplayRelay relay = new ReplayRelay(guard, fold);
    relay.thread.start();
    return relay;
  }

  private void run() {
    try {
      for (RecordChunk chunk = full.take(); chunk != last; chunk = full.take()) {
        if (failure == null) {
          fold(chunk);
        }
        free.put(chunk);
      }
    } catch (InterruptedException e) {
      failure = e;
    }
  }

  private void fold(RecordChunk chunk) {
    try {
      fold.accept(chunk);
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }

  @Override
  public void onFrame(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    RecordType known = ServerState.known(position, type);
    if (current != null && current.add(position, known, timeMillis, payload, offset, length)) {
      return;
    }
    hand();
    throwFailure();
    current = take();
    current.clear();
    current.add(position, known, timeMillis, payload, offset, length);
  }

  private RecordChunk take() {
    try {
      return free.take();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while reading the journal", e);
    }
  }

  private void hand() {
    if (current != null) {
      RecordChunk chunk = current;
      current = null;
      guard.accept(chunk);
      full.add(chunk);
    }
  }

  @Override
  public void onEnd(JournalPoint end) {
    hand();
    close();
    throwFailure();
  }

  private void throwFailure() {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }

  /** Waits for the thread; what was not handed over is left. Safe to call twice. */
  @Override
  public void close() {
    if (ended) {
      return;
    }
    ended = true;
    full.add(last);
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while reading the journal", e);
    }
  }
}
