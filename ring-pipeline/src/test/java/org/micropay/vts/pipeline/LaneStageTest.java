package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.lmax.disruptor.RingBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How rows are gathered for the lanes of a kernel. */
class LaneStageTest {
  private static final int LANES = 8;
  private static final int BATCH = 16;
  private static final int REFUSED_AT_ONCE = 7;
  private static final int REFUSED_LATER = 8;

  private final RingBuffer<ClaimSlot> ring =
      RingBuffer.createMultiProducer(ClaimSlot::new, 128, new PollingWaitStrategy());
  private final List<Throwable> halts = new ArrayList<>();
  private final StageContext context =
      new StageContext(
          ring, new HaltSwitch((stage, cause) -> halts.add(cause)), SystemNanoClock.INSTANCE);
  private final List<Integer> batches = new ArrayList<>();
  private final List<Long> processed = new ArrayList<>();
  private final Recorder stage = new Recorder(new WorkerGroup(1), 0);

  /** Gathers the slots whose verdict is 0 and remembers which rows each call got. */
  private class Recorder extends LaneStage {
    private final long[] rows = new long[BATCH];
    private final long[] places = new long[BATCH];
    private final List<Long> own = new ArrayList<>();
    private int prepared;

    Recorder(WorkerGroup group, int member) {
      super("lane-" + member, context, group, member, LANES, BATCH);
    }

    @Override
    boolean select(ClaimSlot slot, int place) {
      places[place] = slot.correlationId;
      return slot.verdict != REFUSED_AT_ONCE;
    }

    @Override
    void prepare(int selected) {
      prepared = selected;
    }

    @Override
    boolean gather(ClaimSlot slot, int place, int row) {
      assertTrue(place < prepared, "prepared before it is gathered");
      assertEquals(places[place], slot.correlationId, "place and slot belong together");
      rows[row] = slot.correlationId;
      return slot.verdict == 0;
    }

    @Override
    void process(int count) {
      batches.add(count);
      for (int row = 0; row < count; row++) {
        processed.add(rows[row]);
        own.add(rows[row]);
      }
    }

    @Override
    void scatter(int row, ClaimSlot slot) {
      assertEquals(rows[row], slot.correlationId, "row and slot belong together");
      slot.code = 1;
    }

    @Override
    void moveToFront(int from, int count) {
      System.arraycopy(rows, from, rows, 0, count);
    }
  }

  @AfterEach
  void nothingFailed() {
    stage.close();
    assertEquals(List.of(), halts);
  }

  private void publish(int count, int verdict) {
    for (int i = 0; i < count; i++) {
      long sequence = ring.next();
      ClaimSlot slot = ring.get(sequence);
      slot.clear();
      slot.verdict = verdict;
      slot.correlationId = sequence;
      ring.publish(sequence);
    }
  }

  @Test
  void shouldGiveTheKernelFullLanesUnderLoadAndTheRestWhenIdle() {
    publish(13, 0);

    assertEquals(13, stage.doWork());
    assertEquals(List.of(8), batches);
    assertEquals(7, stage.position(), "the sequence stays before the first row left over");

    assertEquals(5, stage.doWork());
    assertEquals(List.of(8, 5), batches);
    assertEquals(12, stage.position());
    assertEquals(0, stage.doWork());
  }

  @Test
  void shouldFillTheLanesOfWhatWasLeftOverWithWhatHasArrived() {
    publish(13, 0);
    stage.doWork();
    publish(3, 0);
    stage.doWork();

    assertEquals(List.of(8, 8), batches);
    assertEquals(15, stage.position());
  }

  @Test
  void shouldNotWaitWhenIdle() {
    publish(1, 0);
    stage.doWork();
    assertEquals(List.of(1), batches);
    assertEquals(0, stage.position());
  }

  @Test
  void shouldPassOverWhatNeedsNoKernel() {
    publish(15, REFUSED_AT_ONCE);
    assertEquals(15, stage.doWork());
    assertEquals(List.of(), batches);
    assertEquals(14, stage.position());

    publish(2, REFUSED_AT_ONCE);
    publish(1, 0);
    publish(2, REFUSED_LATER);
    stage.doWork();
    assertEquals(List.of(1), batches);
    assertEquals(19, stage.position());
  }

  @Test
  void shouldKeepTheOrderWhenSomeAreRefusedAtOnceAndSomeLater() {
    for (int i = 0; i < 5; i++) {
      publish(1, 0);
      publish(1, REFUSED_LATER);
      publish(1, REFUSED_AT_ONCE);
    }
    assertEquals(15, stage.doWork());
    assertEquals(List.of(5), batches);
    assertEquals(List.of(0L, 3L, 6L, 9L, 12L), processed);
    assertEquals(14, stage.position());
  }

  @Test
  void shouldTakeAtMostOneBatchAndProcessEveryRowOnceInOrder() {
    publish(100, 0);
    while (stage.doWork(5) > 0) {
      publish(0, 0);
    }
    assertEquals(99, stage.position());
    long[] expected = new long[100];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = i;
    }
    assertArrayEquals(expected, processed.stream().mapToLong(Long::longValue).toArray());
  }

  @Test
  void shouldShareWhatThereIsInWholeLanes() {
    WorkerGroup group = new WorkerGroup(2);
    Recorder one = new Recorder(group, 0);
    Recorder two = new Recorder(group, 1);
    publish(21, 0);

    assertEquals(16, one.doWork(), "half of 21, in whole lanes");
    assertEquals(5, two.doWork());
    assertEquals(20, one.position());

    publish(100, 0);
    assertEquals(BATCH, two.doWork(), "never more than a batch");
    assertEquals(BATCH, two.doWork());
    assertEquals(BATCH, one.doWork());
    assertEquals(68, two.position());
    close(one, two);
  }

  @Test
  void shouldHoldBackWhatIsBehindUnfinishedSlotsOfAnother() {
    WorkerGroup group = new WorkerGroup(3);
    Recorder slow = new Recorder(group, 0);
    Recorder fast = new Recorder(group, 1);
    publish(60, 0);

    assertEquals(8, slow.begin(8));
    assertEquals(8, fast.doWork(8));
    assertEquals(8, fast.doWork(8));
    assertEquals(-1, fast.position(), "the first eight are in the hands of another");
    assertEquals(List.of(8L, 9L, 10L, 11L, 12L, 13L, 14L, 15L), fast.own.subList(0, 8));

    slow.doWork(3);
    assertEquals(23, slow.position(), "all but the three that are left over");
    close(slow, fast);
  }

  @Test
  void shouldPassOnWhatIsRefusedAheadOfTheFirstRowThatIsHeld() {
    WorkerGroup group = new WorkerGroup(1);
    Recorder one = new Recorder(group, 0);
    publish(3, REFUSED_AT_ONCE);
    publish(2, REFUSED_LATER);
    publish(4, 0);
    assertEquals(9, one.begin(9));
    assertEquals(4, one.position());
    one.doWork(1);
    assertEquals(8, one.position());

    publish(5, REFUSED_LATER);
    one.begin(5);
    assertEquals(13, one.position(), "nothing is held");
    close(one);
  }

  private static void close(Recorder... recorders) {
    for (Recorder recorder : recorders) {
      recorder.close();
    }
  }

  @Test
  void shouldNotMoveWhenTheKernelThrows() {
    Recorder failing =
        new Recorder(new WorkerGroup(1), 0) {
          @Override
          void process(int count) {
            throw new IllegalStateException("injected");
          }
        };
    publish(3, 0);
    assertEquals(0, failing.doWork());
    assertEquals(-1, failing.position());
    assertEquals(1, halts.size());
    assertEquals(0, stage.doWork(), "all stages stop");
    failing.close();
    halts.clear();
  }

  @Test
  void shouldRefuseABatchThatLeavesLanesEmpty() {
    assertThrows(
        IllegalArgumentException.class,
        () -> PipelineConfig.defaults().withKernel(LANES, 12, LANES));
  }
}
