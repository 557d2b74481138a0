package org.micropay.vts.simulation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.journal.JournalException;

/**
 * Images of a journal as a power loss would leave it: what the last barrier covered, and a random
 * subset of the pages or sectors written since. Each image is recovered by the production journal;
 * everything that was durable must be there, and nothing that was not written.
 *
 * <p>One thread.
 */
final class PowerLossRun implements Attack {
  private static final int IMAGES_PER_JOURNAL = 20;
  private static final int MOST_RECORDS = 24;
  private static final int MOST_PAYLOAD = 700;
  private static final int LARGE_PAYLOAD = 40_000;
  private static final long MILLIS_PER_RECORD = 15_000;
  private static final int PRIME = 1_000_003;

  private final Path folder;
  private final long seed;
  private final Parts parts;
  private final SplittableRandom random;
  private final TortureCounts counts;
  private SimulatedDisk disk;
  private ChronicleJournal journal;
  private long journalSeed;
  private int images;
  private int left;

  PowerLossRun(Path folder, long seed, Parts parts, TortureCounts counts) {
    this.folder = folder;
    this.seed = seed;
    this.parts = parts;
    this.random = new SplittableRandom(seed);
    this.counts = counts;
  }

  @Override
  public String name() {
    return "power losses";
  }

  @Override
  public void startOver() {
    left = 0;
  }

  @Override
  public String replay() {
    return "--seed " + seed + " --images " + images;
  }

  /** Writes on, makes one image and recovers it. */
  @Override
  public void once() throws IOException {
    images++;
    if (left-- <= 0) {
      startJournal();
      left = IMAGES_PER_JOURNAL - 1;
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      append(1 + random.nextInt(MOST_RECORDS));
      journal.sync();
    }
    append(random.nextInt(MOST_RECORDS));
    Path image = folder.resolve("image");
    SimulatedDisk.delete(image);
    disk.image(image);
    recover(image.resolve("journal"), journal.durablePosition(), journal.nextPosition() - 1);
    counts.images++;
  }

  private void startJournal() throws IOException {
    close();
    journalSeed = random.nextLong();
    disk = new SimulatedDisk(folder.resolve("disk"), random.split(), new SimulatedClock());
    journal =
        ChronicleJournal.open(
            JournalPort.config(disk.root().resolve("journal")),
            1,
            FrameHandler.NONE,
            parts.storage(disk));
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      long position = journal.nextPosition();
      byte[] payload = payload(position);
      journal.append(position, 1, time(position), new UnsafeBuffer(payload), 0, payload.length);
    }
  }

  private static long time(long position) {
    return TortureEscrows.NOW + position * MILLIS_PER_RECORD;
  }

  private byte[] payload(long position) {
    SplittableRandom bytes = new SplittableRandom(journalSeed + position * PRIME);
    byte[] payload = new byte[bytes.nextInt(bytes.nextInt(64) == 0 ? LARGE_PAYLOAD : MOST_PAYLOAD)];
    bytes.nextBytes(payload);
    return payload;
  }

  private void recover(Path image, long durable, long written) {
    long[] last = {0};
    FrameHandler compare =
        (position, type, timeMillis, payload, offset, length) -> {
          byte[] expected = payload(position);
          boolean same =
              timeMillis == time(position)
                  && new UnsafeBuffer(expected).equals(new UnsafeBuffer(payload, offset, length));
          if (!same || position > written) {
            throw new Violation("ReplyImpliesDurable", "record " + position + " is another one");
          }
          last[0] = position;
        };
    try (ChronicleJournal recovered =
        ChronicleJournal.open(JournalPort.config(image), 1, compare)) {
      if (last[0] < durable || recovered.nextPosition() != last[0] + 1) {
        throw Violation.lost(
            "ReplyImpliesDurable",
            Math.max(1, durable - last[0]),
            "LOST: %d was durable, the image ends at %d".formatted(durable, last[0]));
      }
    } catch (JournalException e) {
      throw new Violation("RecoveryWorks", e.getMessage(), e);
    }
    counts.acknowledge(durable, 0);
  }

  /** Removes what is left. */
  void close() throws IOException {
    if (journal != null) {
      disk.switchOff();
      try {
        journal.close();
      } catch (JournalException | PowerCut e) {
        // The disk is off, so that closing cannot change it.
      }
      disk.close();
      journal = null;
    }
    SimulatedDisk.delete(folder.resolve("image"));
  }
}
