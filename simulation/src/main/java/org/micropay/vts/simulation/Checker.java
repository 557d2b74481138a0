package org.micropay.vts.simulation;

import java.nio.file.Path;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.settlement.Chain;

/** Watches one thing that must always hold, and throws a {@link Violation} when it does not. */
abstract class Checker {
  /** The class's name. */
  final String name() {
    return getClass().getSimpleName();
  }

  /** An answer leaves the server; {@code durable} is what its journal calls durable. */
  void onAnswer(Answer answer, long durable) {}

  /** A grant's counter-signature leaves for settlement. */
  void onGrant(Answer grant, long durable) {}

  /** A command is completed with this position; 0 when it changed nothing. */
  void onCommand(long position, long durable) {}

  /** A registration was answered with this position. */
  void onRegistered(long position) {}

  /** The server came back; the journal was read without its help. */
  void onRecovered(JournalContents contents, Ledger ledger, Path journal) {}

  /** Faults have stopped, everything is quiet. */
  void atEnd(JournalContents contents, Ledger ledger, Path journal, Chain chain) {}

  final void require(boolean holds, String format, Object... values) {
    if (!holds) {
      throw new Violation(name(), format.formatted(values));
    }
  }
}
