package org.micropay.vts.appliance.server;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.pipeline.GrantPort;
import org.micropay.vts.secp256k1.BatchSigner;
import org.micropay.vts.settlement.GrantedClaim;
import org.micropay.vts.ticket.ClaimDigester;
import org.micropay.vts.ticket.ClaimView;

/**
 * Brings grants from the reply stage to settlement. The reply stage copies each into a bounded
 * buffer and never waits; when that is full, the grant is left out here and read again from the
 * journal later. Grants without a counter-signature (from the journal, after a restart or an
 * overflow) are signed again: RFC 6979 gives the same bytes as before.
 *
 * <p>{@link #onGrant} belongs to the reply stage's thread and allocates nothing; {@link #doWork} to
 * the settlement thread.
 */
final class GrantFeed implements GrantPort, AutoCloseable {
  private static final int BUFFER_BYTES = 16 << 20;
  private static final int MESSAGE = 1;
  private static final int SIGNATURE = 8;
  private static final int CLAIM = SIGNATURE + ClaimSlot.SIGNATURE_LENGTH;
  private static final int LIMIT = 256;
  private static final int DIGEST = 32;
  private static final long NEAR = 100_000;

  private final OneToOneRingBuffer buffer;
  private final Path journalDirectory;
  private final LongSupplier durablePosition;
  private final BatchSigner signer;
  private final Predicate<GrantedClaim> settlement;
  private final Queue<Unsigned> unsigned = new ArrayDeque<>();
  private final Queue<GrantedClaim> held = new ArrayDeque<>();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment digests = arena.allocate((long) LIMIT * DIGEST, 64);
  private final MemorySegment signatures =
      arena.allocate((long) LIMIT * ClaimSlot.SIGNATURE_LENGTH, 64);
  private final MemorySegment verdicts = arena.allocate(LIMIT, 64);
  private final ClaimDigester digester = new ClaimDigester();
  private final ClaimView view = new ClaimView();

  private final MissedGrants missed = new MissedGrants();

  /** Grants of earlier runs that settlement has not been given yet, from waitingAt on. */
  private final LongArrayList waiting;

  private int waitingAt;
  private long handedTo;

  private record Unsigned(long position, byte[] claim) {}

  /**
   * A feed.
   *
   * @param durablePosition how far the journal may be read
   * @param signer the counter-signing key's, for the settlement thread alone; closed here
   * @param settlement takes a grant, or says that too many wait
   * @param unsettled from recovery: positions of grants, rising; their claims are read from the
   *     journal as settlement takes them
   */
  GrantFeed(
      Path journalDirectory,
      LongSupplier durablePosition,
      BatchSigner signer,
      Predicate<GrantedClaim> settlement,
      LongArrayList unsettled) {
    this(BUFFER_BYTES, journalDirectory, durablePosition, signer, settlement, unsettled);
  }

  /** The same with a buffer of {@code bufferBytes}, a power of two. */
  GrantFeed(
      int bufferBytes,
      Path journalDirectory,
      LongSupplier durablePosition,
      BatchSigner signer,
      Predicate<GrantedClaim> settlement,
      LongArrayList unsettled) {
    this.buffer =
        new OneToOneRingBuffer(
            new UnsafeBuffer(
                ByteBuffer.allocateDirect(bufferBytes + RingBufferDescriptor.TRAILER_LENGTH)));
    this.journalDirectory = journalDirectory;
    this.durablePosition = durablePosition;
    this.signer = signer;
    this.settlement = settlement;
    this.waiting = unsettled;
  }

  @Override
  public void onGrant(ClaimSlot slot) {
    if (missed.isOpen()) {
      return;
    }
    int at = buffer.tryClaim(MESSAGE, CLAIM + slot.claimLength());
    if (at <= 0) {
      missed.open(slot.receiptPosition());
      return;
    }
    MutableDirectBuffer target = buffer.buffer();
    target.putLong(at, slot.receiptPosition());
    target.putBytes(at + SIGNATURE, slot.signature());
    target.putBytes(at + CLAIM, slot.row(), ClaimSlot.CLAIM_OFFSET, slot.claimLength());
    buffer.commit(at);
  }

  /** Moves a bounded number of grants on; 0 when there are none or settlement takes no more. */
  int doWork() {
    if (!held.isEmpty()) {
      return handOver();
    }
    buffer.read(this::onMessage, LIMIT);
    if (held.isEmpty() && unsigned.isEmpty() && waitingAt < waiting.size()) {
      readWaiting();
    }
    if (held.isEmpty() && !unsigned.isEmpty()) {
      sign();
    }
    if (held.isEmpty() && unsigned.isEmpty() && missed.isPending()) {
      readMissed();
    }
    return handOver();
  }

  /**
   * A position up to which settlement was given every grant that it still needs; 0 while some are
   * on their way. What the buffer holds comes behind it. The settlement thread only.
   */
  long handedThrough() {
    boolean complete =
        held.isEmpty() && unsigned.isEmpty() && waitingAt == waiting.size() && !missed.isPending();
    return complete ? handedTo : 0;
  }

  private int handOver() {
    int handed = 0;
    while (!held.isEmpty() && settlement.test(held.peek())) {
      handedTo = Math.max(handedTo, held.remove().position());
      handed++;
    }
    return handed;
  }

  private void onMessage(int type, MutableDirectBuffer source, int offset, int length) {
    byte[] signature = new byte[ClaimSlot.SIGNATURE_LENGTH];
    source.getBytes(offset + SIGNATURE, signature);
    byte[] claim = new byte[length - CLAIM];
    source.getBytes(offset + CLAIM, claim);
    held.add(new GrantedClaim(source.getLong(offset), claim, signature));
  }

  /** Signs up to one batch of what came from the journal. */
  private void sign() {
    List<Unsigned> batch = new ArrayList<>(LIMIT);
    byte[] digest = new byte[DIGEST];
    while (batch.size() < LIMIT && !unsigned.isEmpty()) {
      Unsigned grant = unsigned.remove();
      digester.spendDigest(view.wrap(grant.claim, 0, grant.claim.length), digest, 0);
      MemorySegment.copy(
          digest, 0, digests, ValueLayout.JAVA_BYTE, (long) batch.size() * DIGEST, DIGEST);
      batch.add(grant);
    }
    signer.sign(digests, signatures, verdicts, batch.size());
    for (int i = 0; i < batch.size(); i++) {
      if (verdicts.get(ValueLayout.JAVA_BYTE, i) != 1) {
        throw new IllegalStateException(
            "the counter-signature of grant " + batch.get(i).position + " does not verify");
      }
      byte[] signature = new byte[ClaimSlot.SIGNATURE_LENGTH];
      MemorySegment.copy(
          signatures,
          ValueLayout.JAVA_BYTE,
          (long) i * signature.length,
          signature,
          0,
          signature.length);
      held.add(new GrantedClaim(batch.get(i).position, batch.get(i).claim, signature));
    }
  }

  /** Reads the claims of up to one batch of earlier runs' grants. */
  private void readWaiting() {
    FrameHandler collect =
        (position, type, timeMillis, payload, offset, length) -> {
          if (position == waiting.getLong(waitingAt)) {
            unsigned.add(new Unsigned(position, claim(payload, offset, length)));
            waitingAt++;
          }
        };
    int end = Math.min(waiting.size(), waitingAt + LIMIT);
    while (waitingAt < end) {
      // One pass over what lies close together, a new look-up for what lies far off.
      try (JournalReader reader =
          JournalReader.openNear(journalDirectory, waiting.getLong(waitingAt))) {
        while (waitingAt < end
            && waiting.getLong(waitingAt) - reader.position() <= NEAR
            && reader.next(collect)) {
          // The handler keeps what it needs.
        }
      }
    }
  }

  /** Reads what did not fit, up to one batch; what is handed over twice does no harm. */
  private void readMissed() {
    long durable = durablePosition.getAsLong();
    FrameHandler collect =
        (position, type, timeMillis, payload, offset, length) -> {
          if (type == RecordType.GRANT.number()) {
            unsigned.add(new Unsigned(position, claim(payload, offset, length)));
          }
          missed.passed(position);
        };
    try (JournalReader reader = JournalReader.openNear(journalDirectory, missed.next())) {
      while (missed.next() <= durable && unsigned.size() < LIMIT && reader.next(collect)) {
        // The handler keeps what it needs.
      }
    }
    missed.settle(durable, durablePosition);
  }

  private static byte[] claim(DirectBuffer payload, int offset, int length) {
    byte[] claim = new byte[length - GrantRecord.CLAIM];
    payload.getBytes(offset + GrantRecord.CLAIM, claim);
    return claim;
  }

  @Override
  public void close() {
    signer.close();
    arena.close();
  }
}
