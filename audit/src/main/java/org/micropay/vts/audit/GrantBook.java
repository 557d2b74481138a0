package org.micropay.vts.audit;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.OutpointRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.TermsLayout;

/**
 * The rules of granting a second time, without the ledger's code: a plain book of outpoints, so
 * that an error in the ledger, which would repeat itself in a replay, is seen. Nothing is ever
 * taken out of it: an outpoint is granted once, whatever the ledger has forgotten since.
 *
 * <p>Where the first records are not there, the book only collects what it sees ({@link #collect})
 * until it takes over the state that they led to ({@link #adopt}).
 *
 * <p>64 bytes an escrow in an {@link OutpointTable}. One thread; allocates only to grow.
 */
final class GrantBook {
  // Words of a row; the first two are its key, fingerprints of the outpoint.
  private static final int GRANT = 2; // position, 0 for none
  private static final int TERMS = 3; // fingerprint of the registered terms
  private static final int RELEASE = 4; // fingerprint of what the grant pays
  private static final int CLAIM = 5; // fingerprint of the granted claim id
  private static final int PROOF = 6; // position of the double-spend proof, 0 for none
  private static final int HEIGHTS = 7; // funded << 32 | spent
  private static final int REGISTER = RecordType.REGISTER.number();
  private static final int GRANTED = RecordType.GRANT.number();
  private static final int PROVEN = RecordType.DOUBLE_SPEND.number();

  /** In HEIGHTS, while a state is taken over: the ledger has the escrow. */
  private static final long ADOPTED = Long.MIN_VALUE;

  private final Fingerprint first = new Fingerprint();
  private final Fingerprint content = new Fingerprint();
  private final OutpointTable escrows = new OutpointTable();

  /** The block that holds the entry at hand; see {@link #select}. */
  private long[] table;

  private long tipHeight = -1;
  private LedgerPolicy policy;
  private long grants;
  private long proofs;
  private boolean collecting;

  /** Position of the state that was taken over; 0 when every record was seen. */
  private long adoptedAt;

  private long unknownReleases;
  private long key0;
  private long key1;

  // Of the records of the range that is being folded: their outpoints' keys.
  private final long[] keys0 = new long[RangeChecker.FRAMES];
  private final long[] keys1 = new long[RangeChecker.FRAMES];
  private long unused;

  /** Earlier records are missing: until {@link #adopt} nothing is held against that. */
  void collect() {
    collecting = true;
  }

  /** Releases in batches whose grant lies before every record that was seen. */
  long unknownReleases() {
    return unknownReleases;
  }

  /** A policy is in force from here on. */
  void configure(LedgerPolicy next) {
    policy = next;
  }

  /** The chain's tip moved. */
  void tip(long height) {
    tipHeight = height;
  }

  /** Escrows that were ever registered. */
  int escrows() {
    return escrows.size();
  }

  /** Grants. */
  long grants() {
    return grants;
  }

  /** Double-spend proofs. */
  long proofs() {
    return proofs;
  }

  /**
   * The first {@code count} records of a range come next: their entries are read here, all at the
   * same time, instead of waiting for memory with each.
   */
  void lookAhead(FrameColumns frames, int count) {
    UnsafeBuffer memory = frames.buffer();
    for (int i = 0; i < count; i++) {
      int frame = frames.at(i);
      int type = memory.getShort(frame + FrameLayout.TYPE_OFFSET) & 0xFFFF;
      int terms =
          type == REGISTER
              ? RegisterRecord.REGISTRATION
              : type == GRANTED ? GrantRecord.CLAIM : type == PROVEN ? DoubleSpendRecord.CLAIM : -1;
      int outpoint = FrameLayout.PAYLOAD_OFFSET + terms + TermsLayout.OUTPOINT;
      keys0[i] = 0;
      if (terms >= 0 && frames.length(i) >= outpoint + Outpoint.LENGTH) {
        keys0[i] = first.of(0, memory, frame + outpoint, Outpoint.LENGTH) | 1;
        keys1[i] = first.second();
      }
    }
    long read = 0;
    for (int i = 0; i < count; i++) {
      read += escrows.touchCell(keys0[i]);
    }
    for (int i = 0; i < count; i++) {
      read += escrows.touchRow(keys0[i]);
    }
    unused = read; // a field, so that the compiler keeps the loads
  }

  /** The entry of a record that was looked ahead to, or -1; leaves its key for insert. */
  private int find(int record) {
    key0 = keys0[record];
    key1 = keys1[record];
    return select(escrows.find(key0, key1));
  }

  /** Where in {@link #table}, from now on, a row's entry begins; -1 for none. */
  private int select(int row) {
    if (row == OutpointTable.NONE) {
      return -1;
    }
    table = escrows.block(row);
    return OutpointTable.offset(row);
  }

  /** A REGISTER record's payload; {@code record} is its index in the range. */
  void register(int record, DirectBuffer payload, int offset, Objections objections) {
    int terms = offset + RegisterRecord.REGISTRATION;
    int entry = find(record);
    if (entry < 0) {
      entry = insert();
    } else if (table[entry + GRANT] != 0) {
      objections.find(
          AuditFinding.REGISTERED_AGAIN, "it was granted at position " + table[entry + GRANT]);
      return;
    }
    table[entry + TERMS] = content.of(0, payload, terms, TermsLayout.LENGTH);
    table[entry + HEIGHTS] = (long) payload.getInt(offset + RegisterRecord.FUNDED_HEIGHT) << 32;
  }

  /** A GRANT record's payload, of the length of a claim; {@code record} is its index. */
  void grant(
      int record,
      long position,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      Objections objections) {
    int claim = offset + GrantRecord.CLAIM;
    int entry = registered(record, payload, claim, objections);
    if (entry < 0) {
      return;
    }
    if (table[entry + GRANT] != 0) {
      objections.find(
          AuditFinding.SECOND_GRANT, "it was granted at position " + table[entry + GRANT]);
      return;
    }
    checkExpiry(timeMillis, payload, claim, objections);
    if (!collecting) {
      checkChain(entry, payload, claim, objections);
    }
    table[entry + GRANT] = position;
    table[entry + CLAIM] = content.of(0, payload, offset + GrantRecord.CLAIM_ID, 32);
    int script = claim + ClaimLayout.SCRIPT;
    int length = payload.getByte(claim + ClaimLayout.SCRIPT_LENGTH) & 0xFF;
    table[entry + RELEASE] =
        release(
            payload,
            claim + TermsLayout.OUTPOINT,
            payload.getLong(claim + TermsLayout.VALUE),
            payload.getLong(claim + TermsLayout.PAYOUT),
            payload.getInt(claim + TermsLayout.REFUND_HEIGHT),
            claim + TermsLayout.BUYER_KEY,
            script,
            length);
    grants++;
  }

  /** Fingerprint of everything that a release's pair of input and output shows. */
  private long release(
      DirectBuffer buffer,
      int outpoint,
      long value,
      long payout,
      int refundHeight,
      int keys,
      int script,
      int scriptLength) {
    long hash = content.of(value, buffer, outpoint, Outpoint.LENGTH);
    hash = content.of(hash ^ payout, buffer, keys, 2 * 33);
    return content.of(hash ^ refundHeight, buffer, script, scriptLength);
  }

  /**
   * Compares a release in a batch with the grant that it settles.
   *
   * @param position that the batch names
   * @param pair outpoint 36, both keys 66, payout script, one after another from offset 0
   */
  void pay(
      long position,
      long value,
      long payout,
      int refundHeight,
      DirectBuffer pair,
      int scriptLength,
      Objections objections) {
    int entry = find(pair, 0);
    boolean seen = entry >= 0 && table[entry + GRANT] == position;
    if (position <= adoptedAt && (entry < 0 || seen && table[entry + RELEASE] == 0)) {
      unknownReleases++;
      return;
    }
    if (!seen) {
      objections.find(
          AuditFinding.PAYMENT_WITHOUT_GRANT,
          entry < 0
              ? "the escrow for position " + position + " was never registered"
              : "the batch names position %d; the grant is %s"
                  .formatted(position, at(table[entry + GRANT])));
      return;
    }
    long release =
        release(
            pair,
            0,
            value,
            payout,
            refundHeight,
            Outpoint.LENGTH,
            Outpoint.LENGTH + 66,
            scriptLength);
    if (release != table[entry + RELEASE]) {
      objections.find(
          AuditFinding.PAYMENT_DIFFERS, "the release of the claim granted at " + position);
    }
  }

  /** A DOUBLE_SPEND record's payload, of the length of a claim; {@code record} is its index. */
  void prove(
      int record,
      long position,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      Objections objections) {
    int claim = offset + DoubleSpendRecord.CLAIM;
    int entry = registered(record, payload, claim, objections);
    if (entry < 0) {
      return;
    }
    long named = DoubleSpendRecord.grantPosition(payload, offset);
    if (collecting && table[entry + GRANT] == 0) {
      table[entry + GRANT] = named;
    }
    if (table[entry + GRANT] == 0 || table[entry + GRANT] != named) {
      objections.find(
          AuditFinding.PROOF,
          "it names position " + named + "; the grant is " + at(table[entry + GRANT]));
    } else if (table[entry + PROOF] != 0) {
      objections.find(
          AuditFinding.PROOF, "the escrow has a proof already, " + at(table[entry + PROOF]));
    } else if (table[entry + CLAIM]
        == content.of(0, payload, offset + DoubleSpendRecord.CLAIM_ID, 32)) {
      objections.find(AuditFinding.PROOF, "it is the granted claim itself");
    }
    checkExpiry(timeMillis, payload, claim, objections);
    table[entry + PROOF] = position;
    proofs++;
  }

  private static String at(long position) {
    return position == 0 ? "none" : "at position " + position;
  }

  /** One of the four ESCROW_ records. */
  void chainEvent(RecordType type, DirectBuffer payload, int offset) {
    int entry = find(payload, offset + OutpointRecord.OUTPOINT);
    if (entry < 0) {
      return; // a deposit's
    }
    int height = payload.getInt(offset + OutpointRecord.HEIGHT);
    int funded = (int) (table[entry + HEIGHTS] >>> 32);
    int spent = (int) table[entry + HEIGHTS];
    switch (type) {
      case ESCROW_FUNDED -> funded = height;
      case ESCROW_UNFUNDED -> funded = funded == height ? 0 : funded;
      case ESCROW_SPENT -> spent = height;
      case ESCROW_UNSPENT -> spent = spent == height ? 0 : spent;
      default -> throw new IllegalArgumentException("not an escrow's event: " + type);
    }
    table[entry + HEIGHTS] = (long) funded << 32 | Integer.toUnsignedLong(spent);
  }

  /** The entry of a claim's escrow, if it is registered under these terms; else -1. */
  private int registered(int record, DirectBuffer payload, int claim, Objections objections) {
    int entry = find(record);
    long terms = content.of(0, payload, claim, TermsLayout.LENGTH);
    if (entry < 0 && collecting) {
      entry = insert();
      table[entry + TERMS] = terms;
    }
    if (entry < 0) {
      objections.find(AuditFinding.UNREGISTERED, "no record before registers the outpoint");
      return -1;
    }
    if (table[entry + TERMS] != terms) {
      objections.find(AuditFinding.TERMS, "the outpoint is registered under other terms");
      return -1;
    }
    return entry;
  }

  private static void checkExpiry(
      long timeMillis, DirectBuffer payload, int claim, Objections objections) {
    long expiry = Integer.toUnsignedLong(payload.getInt(claim + ClaimLayout.EXPIRY));
    if (timeMillis > expiry * 1000) {
      objections.find(
          AuditFinding.EXPIRED, "expiry " + expiry + " s, recorded at " + timeMillis + " ms");
    }
  }

  private void checkChain(int entry, DirectBuffer payload, int claim, Objections objections) {
    int funded = (int) (table[entry + HEIGHTS] >>> 32);
    int spent = (int) table[entry + HEIGHTS];
    long refund = Integer.toUnsignedLong(payload.getInt(claim + TermsLayout.REFUND_HEIGHT));
    if (spent != 0) {
      objections.find(AuditFinding.CHAIN_STATE, "spent at height " + spent);
    } else if (funded == 0 || tipHeight - funded + 1 < policy.minConfirmations()) {
      objections.find(
          AuditFinding.CHAIN_STATE, "funded at height " + funded + ", the tip is " + tipHeight);
    } else if (tipHeight + policy.refundMargin() >= refund) {
      objections.find(
          AuditFinding.CHAIN_STATE, "refund height " + refund + ", the tip is " + tipHeight);
    }
  }

  // ---- the state where records are missing

  /**
   * Takes over the ledger's escrows, and holds them to the grants that were seen before.
   *
   * @param ledger at the last record that was seen
   * @param first position of the first record that was seen
   */
  void adopt(Ledger ledger, long first, Objections objections) {
    collecting = false;
    adoptedAt = ledger.lastPosition();
    policy = ledger.policy();
    tipHeight = ledger.view().tip().height();
    ledger.forEachOutput(
        (outpoint, funded, spent) ->
            ledger
                .view()
                .lookup(Outpoint.decode(outpoint))
                .ifPresent(escrow -> adopt(escrow, first, objections)));
    // An escrow is only forgotten once it is spent.
    for (int row = 0; row < escrows.size(); row++) {
      int entry = select(row);
      boolean adopted = (table[entry + HEIGHTS] & ADOPTED) != 0;
      table[entry + HEIGHTS] &= ~ADOPTED;
      if (!adopted && table[entry + GRANT] != 0 && (int) table[entry + HEIGHTS] == 0) {
        objections.find(
            AuditFinding.SNAPSHOT,
            "its ledger lacks the escrow granted at position " + table[entry + GRANT]);
      }
    }
  }

  private void adopt(EscrowInfo escrow, long first, Objections objections) {
    DirectBuffer terms = new UnsafeBuffer(escrow.terms().encode());
    int entry = find(terms, TermsLayout.OUTPOINT);
    boolean seen = entry >= 0;
    if (!seen) {
      entry = insert();
    }
    long content = this.content.of(0, terms, 0, TermsLayout.LENGTH);
    long claim =
        escrow
            .claimId()
            .map(id -> this.content.of(0, new UnsafeBuffer(id.toArray()), 0, Bytes32.LENGTH))
            .orElse(0L);
    boolean agrees =
        agrees(table[entry + TERMS], content)
            && agrees(table[entry + CLAIM], claim)
            && agrees(table[entry + GRANT], escrow.grantPosition(), first)
            && agrees(table[entry + PROOF], escrow.doubleSpendPosition(), first);
    if (!agrees) {
      objections.find(
          AuditFinding.SNAPSHOT,
          "its ledger has escrow %s granted at position %d, double-spend at %d; the records: %d, %d"
              .formatted(
                  escrow.terms().outpoint(),
                  escrow.grantPosition(),
                  escrow.doubleSpendPosition(),
                  table[entry + GRANT],
                  table[entry + PROOF]));
    }
    table[entry + TERMS] = content;
    table[entry + CLAIM] = claim;
    table[entry + GRANT] = escrow.grantPosition();
    table[entry + PROOF] = escrow.doubleSpendPosition();
    table[entry + HEIGHTS] =
        (long) escrow.fundedHeight() << 32 | Integer.toUnsignedLong(escrow.spentHeight()) | ADOPTED;
  }

  private static boolean agrees(long seen, long state) {
    return seen == 0 || seen == state;
  }

  /** A position in the state must have been seen, unless it is of a record before the first. */
  private static boolean agrees(long seen, long state, long first) {
    return seen == state || seen == 0 && state < first;
  }

  // ---- the table

  /** The outpoint's entry, or -1; leaves its key for {@link #insert}. */
  private int find(DirectBuffer buffer, int outpoint) {
    key0 = first.of(0, buffer, outpoint, Outpoint.LENGTH) | 1; // 0 marks what was not hashed
    key1 = first.second();
    return select(escrows.find(key0, key1));
  }

  private int insert() {
    return select(escrows.insert(key0, key1));
  }
}
