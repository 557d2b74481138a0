package org.micropay.vts.appliance.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Outpoint;

/**
 * Reads the journal that the server left, with its checksums and hash chain, and compares it with
 * the answers that the clients hold. One thread, used once.
 */
final class JournalEvidence {
  /** A claim as the journal holds it. */
  private record Decided(long position, long grantPosition, Claim claim) {}

  private final Map<Bytes32, Decided> grants = new HashMap<>();
  private final Map<Outpoint, Bytes32> grantOf = new HashMap<>();
  private final Map<Bytes32, Decided> proofs = new HashMap<>();
  private final List<String> differences = new ArrayList<>();
  private long records;

  /** Reads every record. */
  static JournalEvidence read(Path journal) {
    JournalEvidence evidence = new JournalEvidence();
    try (JournalReader reader = JournalReader.open(journal)) {
      while (reader.next(evidence::onFrame)) {
        evidence.records++;
      }
    }
    return evidence;
  }

  private void onFrame(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    if (type == RecordType.GRANT.number()) {
      Claim claim = claim(payload, offset + GrantRecord.CLAIM, length - GrantRecord.CLAIM);
      Bytes32 id = claim.id();
      grants.put(id, new Decided(position, position, claim));
      Bytes32 earlier = grantOf.put(claim.terms().outpoint(), id);
      if (earlier != null) {
        differ("escrow %s is granted twice in the journal", claim.terms().outpoint());
      }
    } else if (type == RecordType.DOUBLE_SPEND.number()) {
      Claim claim =
          claim(payload, offset + DoubleSpendRecord.CLAIM, length - DoubleSpendRecord.CLAIM);
      long grant = DoubleSpendRecord.grantPosition(payload, offset);
      proofs.put(claim.id(), new Decided(position, grant, claim));
    }
  }

  private static Claim claim(DirectBuffer payload, int offset, int length) {
    byte[] bytes = new byte[length];
    payload.getBytes(offset, bytes);
    return Claim.decode(bytes);
  }

  /** Compares the answers with the records; differences are added to {@link #differences}. */
  void compare(List<PlannedClaim> claims) {
    long granted = 0;
    long proven = 0;
    for (PlannedClaim planned : claims) {
      if (planned.isGranted()) {
        granted++;
        Decided record = grants.get(planned.claim().orElseThrow().id());
        if (record == null || record.position() != planned.reply().position()) {
          differ(
              "claim %s was answered granted at record %d; the journal has it at %s",
              planned.reply().claimId(),
              planned.reply().position(),
              record == null ? "none" : record.position());
        }
      } else if (planned.isDoubleSpend()) {
        proven++;
        compareProof(planned);
      }
    }
    if (granted != grants.size() || proven != proofs.size()) {
      differ(
          "the journal holds %d grants and %d double-spend proofs; clients were told %d and %d",
          grants.size(), proofs.size(), granted, proven);
    }
  }

  /** The proof holds the loser, and points to the record that holds the winner. */
  private void compareProof(PlannedClaim planned) {
    Claim claim = planned.claim().orElseThrow();
    Decided proof = proofs.get(claim.id());
    Bytes32 winner = grantOf.get(claim.terms().outpoint());
    boolean whole =
        proof != null
            && proof.position() == planned.reply().position()
            && winner != null
            && grants.get(winner).position() == proof.grantPosition();
    if (!whole) {
      differ(
          "the double-spend on escrow %s is not in the journal with both claims",
          claim.terms().outpoint());
    }
  }

  /** Records read. */
  long records() {
    return records;
  }

  /** Double-spends that stand in the journal with both claims. */
  int proofs() {
    return proofs.size();
  }

  /** One line for everything that does not agree. */
  List<String> differences() {
    return List.copyOf(differences);
  }

  private void differ(String text, Object... values) {
    differences.add(text.formatted(values));
  }
}
