package org.micropay.vts.journal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What is there when a journal is opened: reads it to its end, hands the records over, and compares
 * the whole with what is known from elsewhere. Used once, under the writer's lock; writes nothing.
 */
final class Source {
  private final JournalConfig config;
  private final List<Path> roots;
  private final JournalOpening opening;
  private final long fromPosition;

  /** What was found. */
  record Result(TailReport tail, JournalPoint end) {}

  private Source(
      JournalConfig config, List<Path> roots, JournalOpening opening, long fromPosition) {
    this.config = config;
    this.roots = roots;
    this.opening = opening;
    this.fromPosition = fromPosition;
  }

  static Source of(JournalConfig config, JournalOpening opening) {
    Path live = config.directory();
    // Without a start everything is read, the archive first.
    boolean both =
        opening.start() == null
            && opening.archive() != null
            && ArchivedMark.read(live) != null
            && Files.isDirectory(opening.archive());
    return new Source(config, both ? List.of(live, opening.archive()) : List.of(live), opening, 1);
  }

  static Source of(JournalConfig config, long fromPosition, FrameHandler replay) {
    return new Source(
        config,
        List.of(config.directory()),
        JournalOpening.of(JournalReplay.of(replay)),
        fromPosition);
  }

  Result read() {
    JournalPoint anchor = opening.anchor();
    Result result =
        JournalFiles.epochs(config.directory()).isEmpty() ? readNothing() : readAll(anchor);
    if (anchor != null && result.end().position() < anchor.position()) {
      throw JournalException.behind(
          "journal in %s ends at position %d, but position %d was durable once; it is older"
              .formatted(config.directory(), result.end().position(), anchor.position()));
    }
    opening.replay().onEnd(result.end());
    return result;
  }

  private Result readNothing() {
    JournalPoint genesis = new JournalPoint(0, FrameCodec.genesis(config.identity()));
    if (opening.start() != null && !opening.start().after().equals(genesis)) {
      throw JournalException.behind(
          "no journal in %s, but a snapshot of it at position %d"
              .formatted(config.directory(), opening.start().after().position()));
    }
    return new Result(new TailReport(0, "", 0, 0), genesis);
  }

  private Result readAll(JournalPoint anchor) {
    try (FileJournalReader reader =
        opening.start() == null
            ? FileJournalReader.open(roots, fromPosition)
            : FileJournalReader.openAfter(roots, opening.start())) {
      reader.with(opening.hasher());
      boolean ahead = anchor != null && anchor.position() > reader.position();
      if (ahead) {
        reader.expect(anchor);
      }
      while (reader.next(opening.replay())) {
        // The handler has it.
      }
      TailReport tail = reader.tail();
      if (anchor != null && !ahead) {
        compareEarlier(anchor);
      }
      return new Result(tail, reader.point());
    }
  }

  /** The anchor lies before what is replayed: its record is looked up. */
  private void compareEarlier(JournalPoint anchor) {
    if (anchor.position() == 0) {
      return;
    }
    if (anchor.position() < JournalFiles.firstPosition(roots)) {
      throw JournalException.behind(
          "the known position %d lies before position %d, where the journal in %s begins"
              .formatted(anchor.position(), JournalFiles.firstPosition(roots), roots.getFirst()));
    }
    if (!Arrays.equals(FileJournalReader.chainAt(roots, anchor.position()), anchor.chain())) {
      throw JournalException.behind(
          "journal in %s has another record at position %d than was durable once; it is not the"
                  .formatted(roots.getFirst(), anchor.position())
              + " journal that was written, or was changed");
    }
  }
}
