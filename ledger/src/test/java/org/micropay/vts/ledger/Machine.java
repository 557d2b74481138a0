package org.micropay.vts.ledger;

import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;

/** What the ledger and its naive model have in common. Each assigns its own positions. */
interface Machine {
  Answer configure(long time, LedgerPolicy policy);

  Answer decide(long time, Claim claim, Bytes32 claimId);

  Answer register(long time, Registration registration, int funded, int depositFunded, Bytes32 tip);

  Answer connect(long time, int height, Bytes32 hash, Bytes32 parent);

  Answer disconnect(long time, int height, Bytes32 hash, Bytes32 parent);

  Answer event(long time, RecordType type, Outpoint outpoint, int height);

  Answer tick(long time);

  Answer tickWithTip(long time, int height, Bytes32 hash);

  Answer settlement(long time);

  Optional<EscrowInfo> lookup(Outpoint outpoint);

  int escrowCount();
}
