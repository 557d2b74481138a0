package org.micropay.vts.simulation;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.Outpoint;

/**
 * What stands in a journal's folder, read by the journal's own reader and by nothing of the server.
 * Immutable once read.
 */
final class JournalContents implements FrameHandler {
  private static final long FNV_PRIME = 0x100000001B3L;

  /** A record that decided a claim. */
  record Decided(Bytes32 claimId, Outpoint outpoint, boolean grant) {}

  private final Map<Long, Decided> decided = new HashMap<>();
  private final Map<Outpoint, Long> grants = new HashMap<>();
  private final Map<Long, byte[]> grantedClaims = new HashMap<>();
  private final Set<Long> registrations = new HashSet<>();
  private final Set<Bytes32> batches = new HashSet<>();
  private final ClaimView view = new ClaimView();
  private Outpoint grantedTwice;
  private long last;
  private boolean torn;
  private long hash = 0xCBF29CE484222325L;

  private JournalContents() {}

  /**
   * Reads everything there is.
   *
   * @throws org.micropay.vts.journal.JournalException for damage
   */
  static JournalContents read(Path journal) {
    JournalContents contents = new JournalContents();
    try (JournalReader reader = JournalReader.open(journal)) {
      while (reader.next(contents)) {
        // The handler has it.
      }
      contents.torn = reader.tail().torn();
    }
    return contents;
  }

  @Override
  public void onFrame(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    last = position;
    hash = (hash ^ type) * FNV_PRIME;
    for (int i = 0; i + 8 <= length; i += 8) {
      hash = (hash ^ payload.getLong(offset + i)) * FNV_PRIME;
    }
    RecordType known = RecordType.ofNumber(type);
    switch (known) {
      case GRANT -> decide(position, payload, offset, length, GrantRecord.CLAIM, true);
      case DOUBLE_SPEND ->
          decide(position, payload, offset, length, DoubleSpendRecord.CLAIM, false);
      case REGISTER -> registrations.add(position);
      case BATCH_STORED -> {
        if (SettlementRecord.decode(known, JournalFold.bytes(payload, offset, length))
            instanceof SettlementRecord.BatchStored stored) {
          batches.add(stored.content().txid());
        }
      }
      default -> {}
    }
  }

  private void decide(
      long position, DirectBuffer payload, int offset, int length, int claimAt, boolean grant) {
    byte[] claim = JournalFold.bytes(payload, offset + claimAt, length - claimAt);
    Bytes32 id = Bytes32.of(JournalFold.bytes(payload, offset, Bytes32.LENGTH));
    view.wrap(claim, 0, claim.length);
    Outpoint outpoint = Outpoint.copyOf(claim, view.outpointOffset());
    decided.put(position, new Decided(id, outpoint, grant));
    if (grant) {
      grantedClaims.put(position, claim);
      if (grants.put(outpoint, position) != null) {
        grantedTwice = outpoint;
      }
    }
  }

  /** The record at a position, or null when it decided no claim. */
  Decided at(long position) {
    return decided.get(position);
  }

  /** Position of the escrow's grant, or null. */
  Long grantOf(Outpoint outpoint) {
    return grants.get(outpoint);
  }

  /** Canonical claims by position. */
  Map<Long, byte[]> grantedClaims() {
    return grantedClaims;
  }

  boolean isRegistration(long position) {
    return registrations.contains(position);
  }

  /** Txids of all transactions that settlement stored. */
  Set<Bytes32> batches() {
    return batches;
  }

  /** An escrow with two grants, or null. */
  Outpoint grantedTwice() {
    return grantedTwice;
  }

  /** Whether something of an interrupted write stands behind the last record. */
  boolean isTorn() {
    return torn;
  }

  long last() {
    return last;
  }

  boolean sameAs(JournalContents other) {
    return last == other.last && hash == other.hash;
  }
}
