package org.micropay.vts.appliance.log;

import java.util.concurrent.CompletableFuture;
import org.micropay.vts.ledger.RecordType;

/** The way of the log's own records onto the ring. Any thread. */
@FunctionalInterface
public interface JournalCommands {
  /**
   * Journals a record.
   *
   * @return completes with its position once it is durable; never after a halt
   */
  CompletableFuture<Long> journal(RecordType type, byte[] payload);
}
