package org.micropay.vts.appliance.server;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.ledger.DepositInfo;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.ledger.LedgerView;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.pipeline.ReplyPort;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.ProvenDoubleSpend;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;

/**
 * Brings double-spend proofs from the reply stage to settlement, with the VTS's signature over the
 * burn of the deposit: settlement never has that key. The reply stage notes a position and never
 * waits; the proof itself is read from the journal, where it is durable by then.
 *
 * <p>{@link #onReply} belongs to the reply stage's thread and allocates nothing; {@link #doWork} to
 * the settlement thread.
 */
final class ProofFeed implements ReplyPort {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int MESSAGE = 1;
  private static final int LIMIT = 64;
  private static final int SEEN = 1024;
  private static final int DOUBLE_SPEND = AnswerCode.DOUBLE_SPEND.number();

  private final ReplyPort next;
  private final JournalPlaces journal;
  private final LongSupplier durablePosition;
  private final SecretKey vtsKey;
  private final LedgerView ledger;
  private final Predicate<ProvenDoubleSpend> settlement;
  private final OneToOneRingBuffer buffer;
  // The reply stage's: a flood of the same proof is passed on once.
  private final long[] seen = new long[SEEN];
  private final Queue<ProvenDoubleSpend> held = new ArrayDeque<>();

  /** Position of the first proof that did not fit; 0 when none. Written by the reply stage. */
  private volatile long missedFrom;

  /**
   * A feed.
   *
   * @param next the way of all answers
   * @param durablePosition how far the journal may be read
   * @param vtsKey the counter-signing key, of which only the feed makes use here
   * @param settlement takes a proof, or says that too many wait
   * @param recovered from recovery: canonical second claims by position
   */
  ProofFeed(
      ReplyPort next,
      JournalPlaces journal,
      LongSupplier durablePosition,
      SecretKey vtsKey,
      LedgerView ledger,
      Predicate<ProvenDoubleSpend> settlement,
      Map<Long, byte[]> recovered) {
    this(BUFFER_BYTES, next, journal, durablePosition, vtsKey, ledger, settlement, recovered);
  }

  /** The same with a buffer of {@code bufferBytes}, a power of two: 16 for each proof. */
  ProofFeed(
      int bufferBytes,
      ReplyPort next,
      JournalPlaces journal,
      LongSupplier durablePosition,
      SecretKey vtsKey,
      LedgerView ledger,
      Predicate<ProvenDoubleSpend> settlement,
      Map<Long, byte[]> recovered) {
    this.buffer =
        new OneToOneRingBuffer(
            new UnsafeBuffer(
                ByteBuffer.allocateDirect(bufferBytes + RingBufferDescriptor.TRAILER_LENGTH)));
    this.next = next;
    this.journal = journal;
    this.durablePosition = durablePosition;
    this.vtsKey = vtsKey;
    this.ledger = ledger;
    this.settlement = settlement;
    recovered.forEach((position, claim) -> hold(position, Claim.decode(claim).terms()));
  }

  @Override
  public void onReply(ClaimSlot slot) {
    if (slot.code() == DOUBLE_SPEND) {
      note(slot.receiptPosition());
    }
    next.onReply(slot);
  }

  private void note(long position) {
    int place = (int) position & SEEN - 1;
    if (seen[place] == position || missedFrom != 0) {
      return;
    }
    int at = buffer.tryClaim(MESSAGE, Long.BYTES);
    if (at <= 0) {
      missedFrom = position;
      return;
    }
    seen[place] = position;
    buffer.buffer().putLong(at, position);
    buffer.commit(at);
  }

  @Override
  public void endOfBatch() {
    next.endOfBatch();
  }

  /** Moves a bounded number of proofs on; 0 when there are none or settlement takes no more. */
  int doWork() {
    if (held.isEmpty()) {
      buffer.read((type, source, offset, length) -> read(source.getLong(offset)), LIMIT);
      if (held.isEmpty() && missedFrom != 0) {
        readMissed();
      }
    }
    int handed = 0;
    while (!held.isEmpty() && settlement.test(held.peek())) {
      held.remove();
      handed++;
    }
    return handed;
  }

  private void read(long position) {
    try (JournalReader reader = journal.openNear(position)) {
      reader.next(this::onFrame);
    }
  }

  /** What did not fit; handed over twice does no harm. */
  private void readMissed() {
    long from = missedFrom;
    // What comes from here on fits again; what was left out before is durable already.
    missedFrom = 0;
    long durable = durablePosition.getAsLong();
    try (JournalReader reader = journal.openNear(from)) {
      while (reader.position() < durable && reader.next(this::onFrame)) {
        // The handler keeps what it needs.
      }
    }
  }

  private void onFrame(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    if (type == RecordType.DOUBLE_SPEND.number()) {
      byte[] claim = new byte[length - DoubleSpendRecord.CLAIM];
      payload.getBytes(offset + DoubleSpendRecord.CLAIM, claim);
      hold(position, Claim.decode(claim).terms());
    }
  }

  private void hold(long position, Terms terms) {
    Optional<Deposit> deposit =
        ledger.lookup(terms.digest()).flatMap(EscrowInfo::deposit).map(DepositInfo::deposit);
    if (deposit.isPresent()) {
      Bytes32 digest = SpendTemplate.burn(terms, deposit.get()).digest();
      CompactSignature signature = CompactSignature.of(Ecdsa.sign(vtsKey, digest.toArray()));
      held.add(new ProvenDoubleSpend(position, terms, deposit.get(), signature));
    }
  }
}
