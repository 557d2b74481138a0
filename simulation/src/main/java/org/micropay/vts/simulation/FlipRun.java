package org.micropay.vts.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.journal.TailReport;

/**
 * Turns single bits at random places of a journal. Each is refused by name (position, file,
 * offset), or reported as the end of an interrupted write that nobody had been told of, or lies
 * where a replay reads nothing; then the records must be the same, and the place says why.
 *
 * <p>One thread.
 */
final class FlipRun implements Attack {
  private static final int FLIPS_PER_JOURNAL = 500;
  private static final int EPOCHS = 4;
  private static final int RECORDS = 60;
  private static final int UNACKNOWLEDGED = 5;
  private static final long MILLIS_PER_RECORD = 200_000;

  private final Path folder;
  private final long seed;
  private final SplittableRandom random;
  private final TortureCounts counts;
  private Path journal;
  private List<Path> files = List.of();
  private final List<QueuePlaces.Span> records = new ArrayList<>();
  private long recordHash;
  private int flips;
  private int left;

  FlipRun(Path folder, long seed, TortureCounts counts) {
    this.folder = folder;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.counts = counts;
  }

  @Override
  public String name() {
    return "bit flips";
  }

  @Override
  public void startOver() {
    left = 0;
  }

  @Override
  public String replay() {
    return "--seed " + seed + " --flips " + flips;
  }

  /** Turns one bit, looks, and turns it back. */
  @Override
  public void once() throws IOException {
    flips++;
    if (left-- <= 0) {
      writeJournal();
      left = FLIPS_PER_JOURNAL - 1;
    }
    BitFlip flip = draw();
    flip.apply();
    try {
      judge(flip);
    } finally {
      flip.apply();
    }
    counts.flips++;
  }

  /** Two of three in records, the others anywhere in what the files take. */
  private BitFlip draw() throws IOException {
    if (random.nextInt(3) > 0) {
      QueuePlaces.Span span = records.get(random.nextInt(records.size()));
      long offset = span.from() + random.nextLong(span.to() - span.from());
      return new BitFlip(span.file(), offset, random.nextInt(8));
    }
    while (true) {
      Path file = files.get(random.nextInt(files.size()));
      long length = random.nextInt(4) == 0 ? Files.size(file) : BitFlip.usedLength(file);
      if (length > 0) {
        return new BitFlip(file, random.nextLong(length), random.nextInt(8));
      }
    }
  }

  private void writeJournal() throws IOException {
    journal = folder.resolve("flipped");
    SimulatedDisk.delete(journal);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      try (ChronicleJournal writer =
          ChronicleJournal.open(JournalPort.config(journal), 1, FrameHandler.NONE)) {
        append(writer, RECORDS);
        writer.sync();
        if (epoch == EPOCHS - 1) {
          append(writer, UNACKNOWLEDGED);
          // As a kill would leave it: the files are copied before close syncs.
          Path killed = folder.resolve("killed");
          copy(journal, killed);
          writer.sync();
        }
      }
    }
    SimulatedDisk.delete(journal);
    Files.move(folder.resolve("killed"), journal);
    try (Stream<Path> all = Files.walk(journal)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    records.clear();
    for (Path file : files) {
      if (file.toString().endsWith(".cq4")) {
        records.addAll(QueuePlaces.records(file));
      }
    }
    recordHash = read().hash;
  }

  private void append(ChronicleJournal writer, int count) {
    for (int i = 0; i < count; i++) {
      byte[] payload = new byte[random.nextInt(600)];
      random.nextBytes(payload);
      long position = writer.nextPosition();
      writer.append(
          position,
          1 + random.nextInt(50),
          TortureEscrows.NOW + position * MILLIS_PER_RECORD,
          new UnsafeBuffer(payload),
          0,
          payload.length);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    SimulatedDisk.delete(to);
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
  }

  /** What a reader finds. */
  private static final class Found implements FrameHandler {
    private static final long FNV_PRIME = 0x100000001B3L;
    private long hash = 0xCBF29CE484222325L;
    private long last;
    private TailReport tail;

    @Override
    public void onFrame(
        long position,
        int type,
        long timeMillis,
        org.agrona.DirectBuffer payload,
        int offset,
        int length) {
      last = position;
      mix(position);
      mix(type);
      mix(timeMillis);
      mix(length);
      for (int i = 0; i < length; i++) {
        mix(payload.getByte(offset + i));
      }
    }

    private void mix(long value) {
      hash = (hash ^ value) * FNV_PRIME;
    }
  }

  private Found read() {
    Found found = new Found();
    try (JournalReader reader = JournalReader.open(journal)) {
      while (reader.next(found)) {
        // The handler has it.
      }
      found.tail = reader.tail();
    }
    return found;
  }

  private void judge(BitFlip flip) {
    Found found;
    try {
      found = read();
    } catch (JournalException e) {
      boolean named = !e.file().isEmpty() && e.offset() >= 0;
      require(named, flip, "refused without a name: " + e.getMessage());
      counts.flipsNamed++;
      return;
    }
    long written = (long) EPOCHS * RECORDS + UNACKNOWLEDGED;
    if (found.hash == recordHash) {
      String place = place(flip);
      require(!place.isEmpty(), flip, "not noticed, in a record");
      counts.flipsWithoutEffect.merge(place, 1L, Long::sum);
    } else {
      require(
          found.tail.torn() && found.last >= written - UNACKNOWLEDGED,
          flip,
          "acknowledged records changed or gone without a word");
      counts.flipsAtTail++;
    }
  }

  private void require(boolean holds, BitFlip flip, String what) {
    if (!holds) {
      throw new Violation("FlipIsNamed", flip + ": " + what);
    }
  }

  /** Why nothing was read there; empty when something should have been. */
  private String place(BitFlip flip) {
    String name = flip.file().getFileName().toString();
    return switch (name) {
      case "journal.lock" -> "the lock file, which names a process for people";
      case "journal.fence" -> "the fence, which a writer alone reads";
      case "metadata.cq4t" -> "Chronicle's metadata, which nobody reads";
      case "epoch" -> {
        if (flip.offset() >= EpochPlaces.MARKS && flip.offset() < EpochPlaces.END) {
          yield "one of the two durable marks";
        }
        yield flip.offset() >= EpochPlaces.END ? "zeros behind an epoch's head" : "";
      }
      default -> QueuePlaces.of(flip.file(), flip.offset());
    };
  }

  /** Where the parts of an epoch's head lie. */
  private static final class EpochPlaces {
    private static final int MARKS = 92;
    private static final int END = 128;

    private EpochPlaces() {}
  }
}
