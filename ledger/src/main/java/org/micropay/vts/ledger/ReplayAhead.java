package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
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

  private static final int OUTPOINT_STRIDE = (EscrowTable.KEY_LENGTH + 7) & -8;
  private static final int ID_STRIDE = EscrowTable.CLAIM_ID_LENGTH;

  private final LedgerState state;
  private final TermsDigests digester;
  private final KeyedHashes hashes;
  private final LookAhead lookAhead;
  private final MemorySegment key;
  private final Keys outpoints;
  private final Keys claimIds;
  private final Keys digests;
  private final MemorySegment terms;
  private final UnsafeBuffer termsBuffer;
  private final int[] outpointOf;
  private final int[] claimIdOf;
  private final int[] registrationOf;
  private final int[] grants;
  private int records;
  private int granted;

  /** Keys of one kind and their hashes. */
  private static final class Keys {
    final int stride;
    final int length;
    final MemorySegment bytes;
    final UnsafeBuffer buffer;
    final MemorySegment hashes;
    int count;

    Keys(Arena arena, int capacity, int stride, int length) {
      this.stride = stride;
      this.length = length;
      bytes = arena.allocate((long) capacity * stride, Long.BYTES);
      buffer = new UnsafeBuffer(bytes.asByteBuffer());
      hashes = arena.allocate((long) capacity * Long.BYTES, Long.BYTES);
    }

    /** Takes a key and returns its number. */
    int add(DirectBuffer source, int offset) {
      buffer.putBytes(count * stride, source, offset, length);
      return count++;
    }

    /** As {@link LedgerState#fingerprint} has it. */
    int hash(int number) {
      return (int) hashes.getAtIndex(ValueLayout.JAVA_LONG, number);
    }
  }

  ReplayAhead(
      LedgerState state, Arena arena, int capacity, TermsDigests digester, KeyedHashes hashes) {
    this.state = state;
    this.digester = digester;
    this.hashes = hashes;
    lookAhead = new LookAhead(state, capacity);
    key = arena.allocate(KeyedHashes.KEY_BYTES, Long.BYTES);
    ValueLayout.OfLong little = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    key.setAtIndex(little, 0, state.hashKey0());
    key.setAtIndex(little, 1, state.hashKey1());
    outpoints = new Keys(arena, capacity, OUTPOINT_STRIDE, EscrowTable.KEY_LENGTH);
    claimIds = new Keys(arena, capacity, ID_STRIDE, EscrowTable.CLAIM_ID_LENGTH);
    digests = new Keys(arena, capacity, Sha256.LENGTH, Sha256.LENGTH);
    terms = arena.allocate((long) capacity * TermsLayout.LENGTH, Long.BYTES);
    termsBuffer = new UnsafeBuffer(terms.asByteBuffer());
    outpointOf = new int[capacity];
    claimIdOf = new int[capacity];
    registrationOf = new int[capacity];
    grants = new int[capacity];
  }

  /** Begins a batch. */
  public void clear() {
    records = 0;
    granted = 0;
    outpoints.count = 0;
    claimIds.count = 0;
    digests.count = 0;
    lookAhead.clear();
  }

  /** Takes a record of the batch and returns its index; the payload is read now. */
  public int add(int type, DirectBuffer payload, int offset, int length) {
    int index = records++;
    if (type == GRANT && length >= GrantRecord.CLAIM + ClaimLayout.MIN_LENGTH) {
      addClaim(index, payload, offset, GrantRecord.CLAIM);
      grants[granted++] = claimIdOf[index];
    } else if (type == DOUBLE_SPEND && length >= DoubleSpendRecord.CLAIM + ClaimLayout.MIN_LENGTH) {
      addClaim(index, payload, offset, DoubleSpendRecord.CLAIM);
    } else if (type == REGISTER
        && length >= RegisterRecord.REGISTRATION + Registration.MIN_LENGTH) {
      addRegistration(index, payload, offset + RegisterRecord.REGISTRATION);
    } else if (isOutpointEvent(type) && length >= OutpointRecord.LENGTH) {
      outpoints.add(payload, offset + OutpointRecord.OUTPOINT);
    }
    return index;
  }

  private static boolean isOutpointEvent(int type) {
    return type == FUNDED || type == UNFUNDED || type == SPENT || type == UNSPENT;
  }

  private void addClaim(int index, DirectBuffer payload, int offset, int claim) {
    claimIdOf[index] = claimIds.add(payload, offset + GrantRecord.CLAIM_ID);
    outpointOf[index] = outpoints.add(payload, offset + claim + TermsLayout.OUTPOINT);
  }

  private void addRegistration(int index, DirectBuffer payload, int offset) {
    outpointOf[index] = outpoints.add(payload, offset + TermsLayout.OUTPOINT);
    int registration = digests.count++;
    registrationOf[index] = registration;
    payload.getBytes(offset, termsBuffer, registration * TermsLayout.LENGTH, TermsLayout.LENGTH);
  }

  /** Hashes terms and keys, and reads what the batch will look up. */
  public void run() {
    hash(outpoints);
    hash(claimIds);
    if (digests.count > 0) {
      digester.hash(terms, digests.bytes, digests.count);
      hash(digests);
    }
    for (int i = 0; i < outpoints.count; i++) {
      lookAhead.addOutpoint(outpoints.hash(i));
    }
    for (int i = 0; i < granted; i++) {
      lookAhead.addClaimId(claimIds.hash(grants[i]));
    }
    for (int i = 0; i < digests.count; i++) {
      lookAhead.addTerms(digests.hash(i));
    }
    lookAhead.addSweep(digests.count * Retirement.PER_REGISTRATION);
    lookAhead.run();
  }

  private void hash(Keys keys) {
    hashes.hash(key, 1, keys.bytes, keys.stride, keys.length, keys.hashes, keys.count);
  }

  /** Of the escrow that the record names. */
  int outpointHash(int index) {
    return outpoints.hash(outpointOf[index]);
  }

  /** Of a claim's id. */
  int claimIdHash(int index) {
    return claimIds.hash(claimIdOf[index]);
  }

  /** Of the digest of a registration's terms, unsigned. */
  long termsHash(int index) {
    return Integer.toUnsignedLong(digests.hash(registrationOf[index]));
  }
}
