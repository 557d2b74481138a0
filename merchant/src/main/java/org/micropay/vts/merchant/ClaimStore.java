package org.micropay.vts.merchant;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;

/**
 * Winners on disk, from the moment of the win until long after the VTS has answered: the merchant's
 * money. A win is synced before its content is served; the answer, before it is reported. What
 * comes together shares one sync, and an answer, for which no customer waits, waits a moment for a
 * win to share its. {@link WinLog} draws the files.
 *
 * <p>After a failed write or sync nothing more is stored: what the disk holds is then unknown until
 * it is read again at the next start. Thread-safe; one platform thread writes, and what it has
 * written it applies to memory by the same code that reads the files at the next start.
 */
final class ClaimStore implements AutoCloseable {
  private static final long MAX_BYTES = 16L << 20;
  private static final int MAX_BATCH = 1024;
  private static final int REMEMBERED = 65_536;

  /** How long an answer waits for company, and how many of them do. */
  static final long LINGER_NANOS = 20_000_000;

  static final int LINGERING = 16;

  private final WinLog log;
  private final long maxBytes;
  private final long lingerNanos;
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
  private volatile long syncs;

  /** {@code urgent}: somebody waits for it. */
  private record Entry(byte[] record, boolean urgent, CompletableFuture<Void> durable) {}

  private static final Entry STOP = new Entry(new byte[0], true, new CompletableFuture<>());

  private ClaimStore(Path folder, long maxBytes, long lingerNanos) {
    this.maxBytes = maxBytes;
    this.lingerNanos = lingerNanos;
    this.log = WinLog.open(folder, new Memory());
    this.writer = Thread.ofPlatform().name("claim-store").unstarted(this::write);
  }

  /** Reads what is there and starts the writer. */
  static ClaimStore open(Path folder) {
    return open(folder, MAX_BYTES, LINGER_NANOS);
  }

  /** The same, with the next file after so many bytes, and another patience of answers. */
  static ClaimStore open(Path folder, long maxBytes, long lingerNanos) {
    ClaimStore store = new ClaimStore(folder, maxBytes, lingerNanos);
    store.writer.start();
    return store;
  }

  /** Every winner ever stored, answered ones first; each once. Also beside a running merchant. */
  static void forEach(Path folder, Consumer<StoredClaim> consumer) {
    Map<Bytes32, StoredClaim> open = new LinkedHashMap<>();
    WinLog.forEach(
        folder,
        new WinLog.Reader() {
          @Override
          public void won(Claim claim, long millis) {
            open.putIfAbsent(claim.id(), new StoredClaim(claim, millis, Optional.empty()));
          }

          @Override
          public void answered(ClaimReply reply, long millis) {
            StoredClaim stored = open.remove(reply.claimId());
            if (stored != null) {
              consumer.accept(stored.with(reply));
            }
          }

          @Override
          public void rolled(ClaimTotals.Summary answered) {
            // What follows is known.
          }
        });
    open.values().forEach(consumer);
  }

  /** What the records make of memory; at the start and behind each write. */
  private final class Memory implements WinLog.Reader {
    @Override
    public void won(Claim claim, long millis) {
      Bytes32 id = claim.id();
      if (!isKnown(id)) {
        pending.put(id, new StoredClaim(claim, millis, Optional.empty()));
        totals.won(claim.terms().payout());
      }
    }

    @Override
    public void answered(ClaimReply reply, long millis) {
      StoredClaim open = pending.remove(reply.claimId());
      if (open != null) {
        answered.put(reply.claimId(), open.with(reply));
        totals.answered(reply.code(), open.claim().terms().payout());
      }
    }

    @Override
    public void rolled(ClaimTotals.Summary sums) {
      pending.clear();
      totals.reset(sums);
    }
  }

  private boolean isKnown(Bytes32 id) {
    return pending.containsKey(id) || answered.containsKey(id);
  }

  /**
   * Stores a winner.
   *
   * @return completes once it is on disk, with whether it is new; fails with {@link
   *     MerchantStorageException}
   */
  CompletableFuture<Boolean> store(Claim claim, long nowMillis) {
    Bytes32 id = claim.id();
    synchronized (this) {
      if (isKnown(id)) {
        return CompletableFuture.completedFuture(false);
      }
    }
    return enqueue(WinLog.win(claim, nowMillis), true).thenApply(done -> true);
  }

  /** Stores the VTS's final answer; completes once it is on disk. */
  CompletableFuture<Void> answer(Bytes32 claimId, ClaimReply reply, long nowMillis) {
    return enqueue(WinLog.answer(claimId, reply, nowMillis), false);
  }

  private CompletableFuture<Void> enqueue(byte[] record, boolean urgent) {
    CompletableFuture<Void> durable = new CompletableFuture<>();
    if (broken != null) {
      durable.completeExceptionally(storageFailure(broken));
    } else {
      queue.add(new Entry(record, urgent, durable));
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
        collect(batch);
      } catch (InterruptedException e) {
        return;
      }
      stop = batch.remove(STOP);
      if (!batch.isEmpty()) {
        writeBatch(batch);
      }
    }
  }

  /** Takes what there is, and of answers alone a few more. */
  private void collect(List<Entry> batch) throws InterruptedException {
    Entry next = queue.take();
    long until = System.nanoTime() + lingerNanos;
    while (next != null) {
      batch.add(next);
      queue.drainTo(batch, MAX_BATCH - batch.size());
      boolean urgent = batch.stream().anyMatch(Entry::urgent);
      next =
          urgent || batch.size() >= LINGERING
              ? null
              : queue.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  private void writeBatch(List<Entry> batch) {
    try {
      if (broken != null) {
        throw broken;
      }
      log.append(batch.stream().map(Entry::record).toList());
      syncs++;
      apply(batch);
      if (log.length() > maxBytes) {
        roll();
      }
    } catch (Exception e) {
      broken = e;
      batch.forEach(entry -> entry.durable.completeExceptionally(storageFailure(e)));
      return;
    }
    batch.forEach(entry -> entry.durable.complete(null));
  }

  private synchronized void apply(List<Entry> batch) {
    Memory memory = new Memory();
    for (Entry entry : batch) {
      WinLog.tell(ByteBuffer.wrap(entry.record).order(ByteOrder.LITTLE_ENDIAN), memory);
    }
  }

  private synchronized void roll() throws IOException {
    log.roll(
        totals.answered(pending.size()), List.copyOf(pending.values()), System.currentTimeMillis());
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

  /** Writes that were synced, since the start. */
  long syncs() {
    return syncs;
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
