package org.micropay.vts.simulation;

import java.nio.file.Path;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.journal.Storage;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.pipeline.CounterSigner;
import org.micropay.vts.pipeline.DecisionJournal;
import org.micropay.vts.pipeline.ReplyPort;
import org.micropay.vts.settlement.LedgerCommands;
import org.micropay.vts.settlement.SettlementState;

/**
 * Where tests put a broken part in the place of a production one, to see that the checkers notice.
 * Each method gets the right part and by default gives it back. Production code has no such switch.
 */
public interface Parts {
  /** Everything as it is. */
  Parts PRODUCTION = new Parts() {};

  /** The disk as the journal sees it. */
  default Storage storage(Storage disk) {
    return disk;
  }

  /** The journal's folder before it is opened. */
  default void beforeOpen(Path journal) {}

  /** What takes the journal's records back. */
  default FrameHandler replay(FrameHandler fold) {
    return fold;
  }

  /** The journal as the pipeline sees it. */
  default DecisionJournal journal(DecisionJournal journal) {
    return journal;
  }

  /** The pipeline. */
  default SteppedPipeline pipeline(SteppedPipeline.Ports ports) {
    return SteppedPipeline.production(ports);
  }

  /** The signer; {@code start} counts the server's starts. */
  default CounterSigner signer(CounterSigner signer, int start) {
    return signer;
  }

  /** Where answers go. */
  default ReplyPort replies(ReplyPort replies) {
    return replies;
  }

  /** What settlement tells the ledger. */
  default LedgerCommands commands(LedgerCommands commands) {
    return commands;
  }

  /** Settlement's state after recovery. */
  default SettlementState settlement(SettlementState replayed) {
    return replayed;
  }

  /** The ledger's digest, in hexadecimal. */
  default String digest(Ledger ledger) {
    return "%016x%016x".formatted(ledger.stateDigestHigh(), ledger.stateDigestLow());
  }
}
