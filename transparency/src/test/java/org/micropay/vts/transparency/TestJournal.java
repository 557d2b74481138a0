package org.micropay.vts.transparency;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/** A journal in memory that outlives the publishers that read it; it may crash at each append. */
final class TestJournal implements LogJournal {
  record Entry(int type, long time, byte[] payload) {}

  final List<Entry> entries = new ArrayList<>();
  private final Runnable beforeStep;
  private long next = 1;

  TestJournal(Runnable beforeStep) {
    this.beforeStep = beforeStep;
  }

  void record(int type, byte[] payload) {
    entries.add(new Entry(type, TestLeaves.TIME + entries.size(), payload));
  }

  @Override
  public void seek(long position) {
    next = position;
  }

  @Override
  public boolean next(RecordHandler handler) {
    if (next > entries.size()) {
      return false;
    }
    Entry entry = entries.get((int) next - 1);
    handler.onRecord(
        next++, entry.type, entry.time, new UnsafeBuffer(entry.payload), 0, entry.payload.length);
    return true;
  }

  @Override
  public long durablePosition() {
    return entries.size();
  }

  @Override
  public long append(int type, byte[] payload) {
    beforeStep.run();
    record(type, payload);
    long position = entries.size();
    // Durable, and its writer gone before it heard of that.
    beforeStep.run();
    return position;
  }

  Optional<CheckpointRecord> lastCheckpoint() {
    return entries.reversed().stream()
        .filter(entry -> entry.type == CheckpointRecord.TYPE)
        .findFirst()
        .map(entry -> CheckpointRecord.decode(entry.payload));
  }
}
