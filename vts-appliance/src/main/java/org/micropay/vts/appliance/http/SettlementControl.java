package org.micropay.vts.appliance.http;

import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.micropay.vts.settlement.OperatorSettings;
import org.micropay.vts.settlement.SettlementPlan;

/** What the operator may ask of settlement. Any thread. */
public interface SettlementControl {
  /** What would be sent now; fails with a ChainException when the chain does not answer. */
  CompletableFuture<SettlementPlan> plan();

  /** Sends what waits. */
  void run();

  /** Changes what the operator has set; gives what is in force from then on. */
  CompletableFuture<OperatorSettings> change(UnaryOperator<OperatorSettings> change);
}
