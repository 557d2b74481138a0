package org.micropay.vts.merchant;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;

/**
 * Winners on disk, from the moment of the win until long after the VTS has answered: the merchant's
 * money. A win is synced before its content is served; the answer, before it is reported. Winners
 * that come together share one sync.
 *
 * <pre>
 *   wins.log:  1 | wonAtMillis u64 | claim (365 to 377)
 *              2 | answeredAtMillis u64 | claimId 32 | code u16 | position u64 | signature 64
 * </pre>
 *
 * After a failed write or sync nothing more is stored: what the disk holds is then unknown until it
 * is read again at the next start. Thread-safe; one platform thread writes.
 */
final class ClaimStore implements AutoCloseable {
  private static final byte WIN = 1;
  private static final byte ANSWER = 2;
  private static final int ANSWER_BYTES = 1 + 8 + 32 + 2 + 8 + 64;
  private static final int MAX_BATCH = 1024;
  private static final int REMEMBERED = 65_536;

  private final RecordLog log;
  private final Map<Bytes32, StoredClaim> pending = new LinkedHashMap<>();
  private final Map<Bytes32, StoredClaim> answered =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Bytes32, StoredClaim> eldest) {
          return size() > REMEMBERED;
        }
      };
  private final LinkedBlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
  private final ClaimTotals totals = new ClaimTotals();
  private final Thread writer;
  private volatile Exception broken;

  private record Entry(byte[] payload, CompletableFuture<Void> durable) {}

  private static final Entry STOP = new Entry(new byte[0], new CompletableFuture<>());

  private ClaimStore(Path file) {
    this.log = RecordLog.open(file, this::apply);
    this.writer = Thread.ofPlatform().name("claim-store").unstarted(this::write);
  }

  /** Reads what is there and starts the writer. */
  static ClaimStore open(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new MerchantStorageException(folder + ": " + e.getMessage(), e);
    }
    ClaimStore store = new ClaimStore(folder.resolve("wins.log"));
    store.writer.start();
    return store;
  }

  private void apply(ByteBuffer record) {
    byte kind = record.get();
    long timeMillis = record.getLong();
    byte[] rest = new byte[record.remaining()];
    record.get(rest);
    if (kind == WIN) {
      Claim claim = Claim.decode(rest);
      remember(claim.id(), new StoredClaim(claim, timeMillis, Optional.empty()));
    } else {
      ClaimReply reply = decode(rest);
      conclude(reply.claimId(), reply);
    }
  }

  private boolean remember(Bytes32 id, StoredClaim claim) {
    if (pending.containsKey(id) || answered.containsKey(id)) {
      return false;
    }
    pending.put(id, claim);
    totals.won(claim.claim().terms().payout());
    return true;
  }

  private void conclude(Bytes32 id, ClaimReply reply) {
    StoredClaim open = pending.remove(id);
    if (open != null) {
      answered.put(id, new StoredClaim(open.claim(), open.wonAtMillis(), Optional.of(reply)));
      totals.answered(reply.code(), open.claim().terms().payout());
    }
  }

  /**
   * Stores a winner.
   *
   * @return completes once it is on disk, with whether it is new; fails with {@link
   *     MerchantStorageException}
   */
  CompletableFuture<Boolean> store(Claim claim, long nowMillis) {
    byte[] encoded = claim.encode();
    byte[] payload =
        ByteBuffer.allocate(1 + Long.BYTES + encoded.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(WIN)
            .putLong(nowMillis)
            .put(encoded)
            .array();
    Bytes32 id = claim.id();
    synchronized (this) {
      if (pending.containsKey(id) || answered.containsKey(id)) {
        return CompletableFuture.completedFuture(false);
      }
    }
    return enqueue(payload)
        .thenApply(
            done -> {
              synchronized (this) {
                return remember(id, new StoredClaim(claim, nowMillis, Optional.empty()));
              }
            });
  }

  /** Stores the VTS's final answer; completes once it is on disk. */
  CompletableFuture<Void> answer(Bytes32 claimId, ClaimReply reply, long nowMillis) {
    ByteBuffer payload = ByteBuffer.allocate(ANSWER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    payload.put(ANSWER).putLong(nowMillis).put(claimId.toArray());
    payload.putShort((short) reply.code().number()).putLong(reply.position());
    payload.put(reply.counterSignature().map(CompactSignature::toArray).orElse(new byte[64]));
    return enqueue(payload.array())
        .thenRun(
            () -> {
              synchronized (this) {
                conclude(claimId, reply);
              }
            });
  }

  private static ClaimReply decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.position(Bytes32.LENGTH);
    AnswerCode code = AnswerCode.ofNumber(buffer.getShort() & 0xFFFF);
    return new ClaimReply(
        code,
        Bytes32.copyOf(bytes, 0),
        buffer.getLong(),
        code == AnswerCode.GRANTED
            ? Optional.of(CompactSignature.copyOf(bytes, buffer.position()))
            : Optional.empty(),
        0);
  }

  private CompletableFuture<Void> enqueue(byte[] payload) {
    CompletableFuture<Void> durable = new CompletableFuture<>();
    if (broken != null) {
      durable.completeExceptionally(storageFailure(broken));
    } else {
      queue.add(new Entry(payload, durable));
    }
    return durable;
  }

  private MerchantStorageException storageFailure(Exception cause) {
    return new MerchantStorageException(
        "%s cannot be written (%s); mend the disk and restart"
            .formatted(log.file(), cause.getMessage()),
        cause);
  }

  private void write() {
    List<Entry> batch = new ArrayList<>();
    boolean stop = false;
    while (!stop) {
      try {
        batch.clear();
        batch.add(queue.take());
        queue.drainTo(batch, MAX_BATCH - 1);
      } catch (InterruptedException e) {
        return;
      }
      stop = batch.remove(STOP);
      if (!batch.isEmpty()) {
        writeBatch(batch);
      }
    }
  }

  private void writeBatch(List<Entry> batch) {
    try {
      if (broken != null) {
        throw broken;
      }
      log.append(batch.stream().map(Entry::payload).toList());
      log.force();
    } catch (Exception e) {
      broken = e;
      batch.forEach(entry -> entry.durable.completeExceptionally(storageFailure(e)));
      return;
    }
    batch.forEach(entry -> entry.durable.complete(null));
  }

  /** Winners without a final answer, oldest first. */
  synchronized List<StoredClaim> pending() {
    return List.copyOf(pending.values());
  }

  /** How many of them. */
  synchronized int pendingCount() {
    return pending.size();
  }

  /** The newest winners that have an answer, oldest first, at most 65,536. */
  synchronized Collection<StoredClaim> answered() {
    return List.copyOf(answered.values());
  }

  /** A winner by its id, if it is remembered. */
  synchronized Optional<StoredClaim> find(Bytes32 claimId) {
    StoredClaim found = pending.get(claimId);
    return Optional.ofNullable(found == null ? answered.get(claimId) : found);
  }

  /** Sums since the first win. */
  synchronized ClaimTotals.Summary totals() {
    return totals.summary();
  }

  /** Whether a write failed, so that wins cannot be stored. */
  boolean isBroken() {
    return broken != null;
  }

  @Override
  public void close() {
    queue.add(STOP);
    boolean interrupted = false;
    while (writer.isAlive()) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    log.close();
  }
}
