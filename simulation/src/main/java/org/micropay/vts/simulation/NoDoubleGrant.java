package org.micropay.vts.simulation;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/** No escrow's counter-signature leaves for two claims, whatever happens in between. */
final class NoDoubleGrant extends Checker {
  private final Map<Outpoint, Bytes32> granted = new HashMap<>();

  @Override
  void onAnswer(Answer answer, long durable) {
    if (answer.isGrant()) {
      remember(answer);
    }
  }

  @Override
  void onGrant(Answer grant, long durable) {
    remember(grant);
  }

  private void remember(Answer grant) {
    Outpoint outpoint = grant.intent().outpoint();
    Bytes32 first = granted.putIfAbsent(outpoint, grant.claimId());
    if (first != null && !first.equals(grant.claimId())) {
      throw twice(
          "escrow %s was granted to claim %s and to claim %s"
              .formatted(outpoint, first, grant.claimId()));
    }
  }

  @Override
  void onRecovered(JournalContents contents, Ledger ledger, Path journal) {
    if (contents.grantedTwice() != null) {
      throw twice("the journal grants %s twice".formatted(contents.grantedTwice()));
    }
    granted.forEach(
        (outpoint, claimId) -> {
          Long position = contents.grantOf(outpoint);
          if (position != null && !contents.at(position).claimId().equals(claimId)) {
            throw twice(
                "escrow %s was granted to claim %s; the journal grants another at %s"
                    .formatted(outpoint, claimId, position));
          }
        });
  }

  private Violation twice(String what) {
    return Violation.doubleGrant(name(), 1, what);
  }

  /** Escrows granted so far. */
  int count() {
    return granted.size();
  }
}
