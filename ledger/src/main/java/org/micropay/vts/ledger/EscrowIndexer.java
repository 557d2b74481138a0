package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.ticket.TermsLayout;

/**
 * Enters the escrows of a snapshot into the indexes, from the snapshot's bytes. Each index is
 * random memory: the cells of {@value #BATCH} escrows are read in loops of their own first, so that
 * the processor has many of them under way, then written.
 *
 * <p>One thread, which may be another than the one that fills the table. Owns its native memory
 * until {@link #close}.
 */
final class EscrowIndexer implements AutoCloseable {
  private static final int BATCH = 128;

  /** An entry in a snapshot: its slot, then everything but its stamp. */
  static final int STRIDE =
      Integer.BYTES + EscrowTable.CORE + EscrowTable.CORE_LENGTH - EscrowTable.FUNDED_HEIGHT;

  private static final int CORE_AT = Integer.BYTES + EscrowTable.CORE - EscrowTable.FUNDED_HEIGHT;
  private static final int GRANT_AT =
      Integer.BYTES + EscrowTable.GRANT_POSITION - EscrowTable.FUNDED_HEIGHT;
  private static final int CLAIM_ID_AT =
      Integer.BYTES + EscrowTable.CLAIM_ID - EscrowTable.FUNDED_HEIGHT;

  private final LedgerState state;
  private final TermsDigests digester;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment terms = arena.allocate(BATCH * TermsLayout.LENGTH, Long.BYTES);
  private final UnsafeBuffer termsBuffer = new UnsafeBuffer(terms.asByteBuffer());
  private final MemorySegment digests = arena.allocate(BATCH * Sha256.LENGTH, Long.BYTES);
  private final byte[] digestBytes = new byte[BATCH * Sha256.LENGTH];
  private final int[] slots = new int[BATCH];
  private final int[] byOutpoint = new int[BATCH];
  private final int[] byTerms = new int[BATCH];
  private final int[] byClaim = new int[BATCH];
  private final int[] grantedSlots = new int[BATCH];
  private long unused;

  EscrowIndexer(LedgerState state, TermsDigests digester) {
    this.state = state;
    this.digester = digester;
    for (int i = 0; i < BATCH; i++) {
      // What is the same in all of them; the core is copied between.
      termsBuffer.putInt(i * TermsLayout.LENGTH, state.policy().network(), ByteOrder.LITTLE_ENDIAN);
      termsBuffer.putBytes(
          i * TermsLayout.LENGTH + TermsLayout.VTS_KEY, state.policy().vtsKey().toArray());
    }
  }

  /** Enters {@code count} entries, which stand at the start of {@code bytes}. */
  void index(byte[] bytes, UnsafeBuffer buffer, int count) {
    for (int from = 0; from < count; from += BATCH) {
      int some = Math.min(BATCH, count - from);
      int granted = hash(bytes, buffer, from * STRIDE, some);
      touch(some, granted);
      insert(some, granted);
    }
  }

  /** Returns how many of them are granted. */
  private int hash(byte[] bytes, UnsafeBuffer buffer, int start, int count) {
    int granted = 0;
    for (int i = 0; i < count; i++) {
      int at = start + i * STRIDE;
      slots[i] = buffer.getInt(at, ByteOrder.LITTLE_ENDIAN);
      byOutpoint[i] = state.fingerprint(bytes, at + CORE_AT, EscrowTable.KEY_LENGTH);
      termsBuffer.putBytes(
          i * TermsLayout.LENGTH + EscrowTable.CORE_IN_TERMS,
          bytes,
          at + CORE_AT,
          EscrowTable.CORE_LENGTH);
      if (buffer.getLong(at + GRANT_AT, ByteOrder.LITTLE_ENDIAN) != 0) {
        grantedSlots[granted] = slots[i];
        byClaim[granted++] =
            state.fingerprint(bytes, at + CLAIM_ID_AT, EscrowTable.CLAIM_ID_LENGTH);
      }
    }
    digester.hash(terms, digests, count);
    MemorySegment.copy(digests, ValueLayout.JAVA_BYTE, 0, digestBytes, 0, count * Sha256.LENGTH);
    for (int i = 0; i < count; i++) {
      byTerms[i] = state.fingerprint(digestBytes, i * Sha256.LENGTH, Sha256.LENGTH);
    }
    return granted;
  }

  private void touch(int count, int granted) {
    long read = 0;
    for (int i = 0; i < count; i++) {
      read += state.escrowByOutpoint.homeCell(byOutpoint[i]);
    }
    for (int i = 0; i < count; i++) {
      read += state.escrowByTerms.homeCell(byTerms[i]);
    }
    for (int i = 0; i < granted; i++) {
      read += state.escrowByClaim.homeCell(byClaim[i]);
    }
    unused = read; // a field, so that the compiler keeps the loads
  }

  private void insert(int count, int granted) {
    for (int i = 0; i < count; i++) {
      state.escrowByOutpoint.insert(byOutpoint[i], slots[i]);
      state.escrowByTerms.insert(byTerms[i], slots[i]);
    }
    for (int i = 0; i < granted; i++) {
      state.escrowByClaim.insert(byClaim[i], grantedSlots[i]);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
