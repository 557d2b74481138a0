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
    require(
        first == null || first.equals(grant.claimId()),
        "escrow %s was granted to claim %s and to claim %s",
        outpoint,
        first,
        grant.claimId());
  }

  @Override
  void onRecovered(JournalContents contents, Ledger ledger, Path journal) {
    require(
        contents.grantedTwice() == null, "the journal grants %s twice", contents.grantedTwice());
    granted.forEach(
        (outpoint, claimId) -> {
          Long position = contents.grantOf(outpoint);
          require(
              position == null || contents.at(position).claimId().equals(claimId),
              "escrow %s was granted to claim %s; the journal grants another at %s",
              outpoint,
              claimId,
              position);
        });
  }

  /** Escrows granted so far. */
  int count() {
    return granted.size();
  }
}
