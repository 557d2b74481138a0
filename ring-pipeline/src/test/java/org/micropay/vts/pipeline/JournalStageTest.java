package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a batch is worth a sync. */
class JournalStageTest {
  private static final int BATCH = 16;

  private final RingBuffer<ClaimSlot> ring =
      RingBuffer.createMultiProducer(ClaimSlot::new, 128, new PollingWaitStrategy());
  private final List<Throwable> halts = new ArrayList<>();
  private final Sequence decided = new Sequence(-1);
  private final Appends journal = new Appends();
  private long nanos = 1;
  private final JournalStage stage =
      new JournalStage(
          new StageContext(ring, new HaltSwitch((name, cause) -> halts.add(cause)), () -> nanos),
          new PipelineConfig(128, 8, 1, 1, 8, 8, 8, BATCH, BATCH, BATCH),
          journal,
          new DiskReserve(),
          decided);

  /** Counts records and syncs. */
  private static final class Appends implements DecisionJournal {
    private final List<Long> syncedAt = new ArrayList<>();
    private long position;
    private long durable;

    @Override
    public long nextPosition() {
      return position + 1;
    }

    @Override
    public void append(
        long at, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
      position = at;
    }

    @Override
    public void sync() {
      durable = position;
      syncedAt.add(durable);
    }

    @Override
    public long durablePosition() {
      return durable;
    }

    @Override
    public boolean belowReserve() {
      return false;
    }
  }

  @AfterEach
  void nothingFailed() {
    assertEquals(List.of(), halts);
  }

  private void publish(int count) {
    for (int i = 0; i < count; i++) {
      long sequence = ring.next();
      ring.get(sequence).recordPosition = sequence + 1;
      ring.get(sequence).recordType = 1;
      ring.publish(sequence);
    }
  }

  @Test
  void shouldSyncAtOnceWhenNothingElseIsOnTheRing() {
    publish(1);
    decided.set(0);
    assertEquals(1, stage.doWork());
    assertEquals(List.of(1L), journal.syncedAt);
  }

  @Test
  void shouldWaitForWhatIsBeforeTheDecideStageButNotForLong() {
    publish(5);
    decided.set(1);
    assertEquals(0, stage.doWork());
    nanos += JournalStage.LINGER_NANOS - 1;
    assertEquals(0, stage.doWork());
    assertEquals(-1, stage.position());
    nanos++;
    assertEquals(2, stage.doWork());
    assertEquals(List.of(2L), journal.syncedAt);

    // The next small batch has its own time.
    decided.set(2);
    assertEquals(0, stage.doWork());
    decided.set(4);
    assertEquals(3, stage.doWork(), "nothing is left to wait for");
    assertEquals(List.of(2L, 5L), journal.syncedAt);
  }

  @Test
  void shouldNotWaitWithABatchThatIsWorthIt() {
    publish(20);
    decided.set(2);
    assertEquals(0, stage.doWork());
    decided.set(3);
    assertEquals(4, stage.doWork());
    decided.set(19);
    assertEquals(BATCH, stage.doWork(), "one sync covers no more than a batch");
    assertEquals(List.of(4L, 20L), journal.syncedAt);
  }

  @Test
  void shouldMakeLargerBatchesBehindABacklog() {
    publish(4 + 2 * BATCH);
    decided.set(3);
    assertEquals(0, stage.doWork(), "a quarter of a batch is not worth a sync");
    nanos += JournalStage.BACKLOG_LINGER_NANOS - 1;
    assertEquals(0, stage.doWork());
    nanos++;
    assertEquals(4, stage.doWork());

    publish(12);
    decided.set(11);
    assertEquals(8, stage.doWork(), "half of one is");
    decided.set(16);
    assertEquals(5, stage.doWork(), "the backlog is gone, and it is a quarter");
    assertEquals(List.of(4L, 12L, 17L), journal.syncedAt);
  }
}
