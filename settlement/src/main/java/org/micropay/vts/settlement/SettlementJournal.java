package org.micropay.vts.settlement;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/**
 * Settlement's way into the journal: each record changes the state at once and is durable later.
 * What must not happen before a record is durable asks for its future. The chain thread owns it.
 */
final class SettlementJournal {
  private final SettlementState state;
  private final LedgerCommands commands;
  private final Deque<CompletableFuture<LedgerCommands.Result>> inFlight = new ArrayDeque<>();

  SettlementJournal(SettlementState state, LedgerCommands commands) {
    this.state = state;
    this.commands = commands;
  }

  /** Folds the record in and hands it to the journal. */
  CompletableFuture<LedgerCommands.Result> record(SettlementRecord entry) {
    state.apply(entry);
    CompletableFuture<LedgerCommands.Result> durable = commands.settlement(entry);
    inFlight.addLast(durable);
    return durable;
  }

  /**
   * Takes note of what has become durable.
   *
   * @return how many records
   * @throws RuntimeException when one never will be: the process must halt
   */
  int checkDurable() {
    int done = 0;
    while (!inFlight.isEmpty() && inFlight.peekFirst().isDone()) {
      LedgerCommands.Result result = inFlight.removeFirst().join();
      if (result.code() != 0) {
        throw new IllegalStateException("settlement record refused, code " + result.code());
      }
      done++;
    }
    return done;
  }
}
