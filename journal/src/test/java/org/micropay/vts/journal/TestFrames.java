package org.micropay.vts.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Seeded records: what is at a position follows from seed and position alone. */
final class TestFrames {
  static final byte[] IDENTITY = new byte[32];
  static final long T0 = 1_800_000_000_000L;

  private TestFrames() {}

  record Frame(long position, int type, long timeMillis, byte[] payload) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Frame frame
          && position == frame.position
          && type == frame.type
          && timeMillis == frame.timeMillis
          && Arrays.equals(payload, frame.payload);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(position);
    }
  }

  /** The seed of this run, printed; -Dvts.seed=N repeats a run. */
  static long seed(String test) {
    long seed = Long.getLong("vts.seed", System.nanoTime());
    System.out.println(test + " seed " + seed + " (repeat with -Dvts.seed=" + seed + ")");
    return seed;
  }

  static Frame frame(long seed, long position, int maxPayload, long millisPerRecord) {
    SplittableRandom random = new SplittableRandom(seed * 31 + position);
    byte[] payload = new byte[random.nextInt(maxPayload + 1)];
    random.nextBytes(payload);
    int type = 1 + random.nextInt(0xFFFF);
    return new Frame(position, type, T0 + position * millisPerRecord, payload);
  }

  static void append(Journal journal, Frame frame) {
    UnsafeBuffer buffer = new UnsafeBuffer(frame.payload());
    journal.append(
        frame.position(), frame.type(), frame.timeMillis(), buffer, 0, frame.payload().length);
  }

  static FrameHandler into(List<Frame> frames) {
    return (long position, int type, long time, DirectBuffer payload, int offset, int length) -> {
      byte[] bytes = new byte[length];
      payload.getBytes(offset, bytes);
      frames.add(new Frame(position, type, time, bytes));
    };
  }

  static List<Frame> readAll(JournalReader reader) {
    List<Frame> frames = new ArrayList<>();
    FrameHandler handler = into(frames);
    while (reader.next(handler)) {
      // The handler collects.
    }
    return frames;
  }
}
