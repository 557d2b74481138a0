package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.ticket.TermsLayout;

/**
 * What a replay can do for a batch of records before it applies them one by one: hash their keys,
 * and bring what they will look up into the cache, all at the same time ({@link LookAhead} says
 * why).
 *
 * <pre>
 *  clear(), add(record) ..., run(), then {@link Ledger#apply} of each with its index
 * </pre>
 *
 * <p>Hashes are of the records' bytes and stay true whatever the records before them change; what
 * is touched is only a hint. Records of other kinds, or of a form that cannot be, are counted and
 * not looked at. One thread, the ledger's; allocates nothing after construction.
 */
public final class ReplayAhead {
  private static final int GRANT = RecordType.GRANT.number();
  private static final int DOUBLE_SPEND = RecordType.DOUBLE_SPEND.number();
  private static final int REGISTER = RecordType.REGISTER.number();
  private static final int FUNDED = RecordType.ESCROW_FUNDED.number();
  private static final int UNFUNDED = RecordType.ESCROW_UNFUNDED.number();
  private static final int SPENT = RecordType.ESCROW_SPENT.number();
  private static final int UNSPENT = RecordType.ESCROW_UNSPENT.number();

  private final LedgerState state;
  private final TermsDigests digester;
  private final LookAhead lookAhead;
  private final MemorySegment terms;
  private final UnsafeBuffer termsBuffer;
  private final MemorySegment digests;
  private final byte[] digestBytes;
  private final int[] outpointHashes;
  private final int[] claimIdHashes;
  private final int[] termsHashes;
  private final int[] registrationOf;
  private final byte[] key = new byte[EscrowTable.KEY_LENGTH];
  private int records;
  private int registrations;

  ReplayAhead(LedgerState state, Arena arena, int capacity, TermsDigests digester) {
    this.state = state;
    this.digester = digester;
    lookAhead = new LookAhead(state, capacity);
    terms = arena.allocate((long) capacity * TermsLayout.LENGTH, Long.BYTES);
    termsBuffer = new UnsafeBuffer(terms.asByteBuffer());
    digests = arena.allocate((long) capacity * Sha256.LENGTH, Long.BYTES);
    digestBytes = new byte[capacity * Sha256.LENGTH];
    outpointHashes = new int[capacity];
    claimIdHashes = new int[capacity];
    termsHashes = new int[capacity];
    registrationOf = new int[capacity];
  }

  /** Begins a batch. */
  public void clear() {
    records = 0;
    registrations = 0;
    lookAhead.clear();
  }

  /** Takes a record of the batch and returns its index; the payload is read now. */
  public int add(int type, DirectBuffer payload, int offset, int length) {
    int index = records++;
    if (type == GRANT && length >= GrantRecord.CLAIM + ClaimLayout.MIN_LENGTH) {
      addClaim(index, payload, offset, GrantRecord.CLAIM);
      lookAhead.addClaimId(claimIdHashes[index]);
    } else if (type == DOUBLE_SPEND && length >= DoubleSpendRecord.CLAIM + ClaimLayout.MIN_LENGTH) {
      addClaim(index, payload, offset, DoubleSpendRecord.CLAIM);
    } else if (type == REGISTER
        && length >= RegisterRecord.REGISTRATION + Registration.MIN_LENGTH) {
      addRegistration(index, payload, offset + RegisterRecord.REGISTRATION);
    } else if (isOutpointEvent(type) && length >= OutpointRecord.LENGTH) {
      lookAhead.addOutpoint(hashOutpoint(payload, offset + OutpointRecord.OUTPOINT));
    }
    return index;
  }

  private static boolean isOutpointEvent(int type) {
    return type == FUNDED || type == UNFUNDED || type == SPENT || type == UNSPENT;
  }

  private void addClaim(int index, DirectBuffer payload, int offset, int claim) {
    payload.getBytes(offset + GrantRecord.CLAIM_ID, key, 0, EscrowTable.CLAIM_ID_LENGTH);
    claimIdHashes[index] = state.fingerprint(key, 0, EscrowTable.CLAIM_ID_LENGTH);
    outpointHashes[index] = hashOutpoint(payload, offset + claim + TermsLayout.OUTPOINT);
    lookAhead.addOutpoint(outpointHashes[index]);
  }

  private void addRegistration(int index, DirectBuffer payload, int offset) {
    outpointHashes[index] = hashOutpoint(payload, offset + TermsLayout.OUTPOINT);
    lookAhead.addOutpoint(outpointHashes[index]);
    int registration = registrations++;
    registrationOf[index] = registration;
    payload.getBytes(offset, termsBuffer, registration * TermsLayout.LENGTH, TermsLayout.LENGTH);
  }

  private int hashOutpoint(DirectBuffer payload, int offset) {
    payload.getBytes(offset, key, 0, EscrowTable.KEY_LENGTH);
    return state.fingerprint(key, 0, EscrowTable.KEY_LENGTH);
  }

  /** Hashes the terms, and reads what the batch will look up. */
  public void run() {
    if (registrations > 0) {
      digester.hash(terms, digests, registrations);
      int bytes = registrations * Sha256.LENGTH;
      MemorySegment.copy(digests, ValueLayout.JAVA_BYTE, 0, digestBytes, 0, bytes);
      for (int i = 0; i < registrations; i++) {
        termsHashes[i] = state.fingerprint(digestBytes, i * Sha256.LENGTH, Sha256.LENGTH);
        lookAhead.addTerms(termsHashes[i]);
      }
    }
    lookAhead.run();
  }

  /** Of the escrow that the record names. */
  int outpointHash(int index) {
    return outpointHashes[index];
  }

  /** Of a claim's id. */
  int claimIdHash(int index) {
    return claimIdHashes[index];
  }

  /** Of the digest of a registration's terms, unsigned. */
  long termsHash(int index) {
    return Integer.toUnsignedLong(termsHashes[registrationOf[index]]);
  }
}
