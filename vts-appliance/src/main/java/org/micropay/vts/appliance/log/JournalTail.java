package org.micropay.vts.appliance.log;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.transparency.LogJournal;

/**
 * The journal up to its durable position, read from its files and its archive, for the publisher.
 * {@link #interrupt} may be called by any thread, everything else by the publisher's.
 */
final class JournalTail implements LogJournal, AutoCloseable {
  private static final long PATIENCE_MILLIS = 500;

  private final JournalPlaces journal;
  private final LongSupplier durable;
  private final JournalCommands commands;
  private JournalReader reader;
  private long next = 1;
  private volatile boolean interrupted;

  JournalTail(JournalPlaces journal, LongSupplier durable, JournalCommands commands) {
    this.journal = journal;
    this.durable = durable;
    this.commands = commands;
  }

  @Override
  public void seek(long position) {
    close();
    next = position;
  }

  @Override
  public boolean next(RecordHandler handler) {
    if (interrupted || next > durable.getAsLong()) {
      return false;
    }
    if (reader == null) {
      reader = journal.open(next);
    }
    boolean found =
        reader.next(
            (position, type, timeMillis, payload, offset, length) -> {
              handler.onRecord(position, type, timeMillis, payload, offset, length);
              next = position + 1;
            });
    return found;
  }

  @Override
  public long durablePosition() {
    return durable.getAsLong();
  }

  @Override
  public long append(int type, byte[] payload) {
    CompletableFuture<Long> position = commands.journal(RecordType.ofNumber(type), payload);
    while (!interrupted) {
      try {
        return position.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // After a halt nothing is completed any more; so look whether to go on waiting.
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    throw new IllegalStateException("the server is going down; the log's record was not awaited");
  }

  /** Ends what waits, soon. */
  void interrupt() {
    interrupted = true;
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }
}
