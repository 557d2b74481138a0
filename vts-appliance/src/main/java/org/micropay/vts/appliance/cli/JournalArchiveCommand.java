package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.journal.JournalArchive;
import org.micropay.vts.journal.JournalException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vts journal archive}: moves old files out of the journal's folder. */
@Command(
    name = "archive",
    mixinStandardHelpOptions = true,
    description = {
      "Move files that no kept snapshot needs to an archive. Each copy is read back and every"
          + " record",
      "in it checked before the file is deleted. Works beside a running server.",
      "Exit codes: 0, 64 an archive in the journal, 66 no journal there, 73 a file in its place,",
      "74 damaged or not to be written, 77 another is at it."
    })
final class JournalArchiveCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ConfigOption config;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "The archive (default: journal.archive of the configuration).")
  private Path to;

  @Option(
      names = "--older-than-hours",
      paramLabel = "N",
      description = "Age of a file's newest record (default: journal.archive_after_hours).")
  private Integer hours;

  @Option(names = "--plain", description = "Do not compress.")
  private boolean plain;

  JournalArchiveCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    ConfigFile file = config.read();
    Path configured = file.config().journal().archive();
    Path archive = to != null ? to : configured == null ? null : file.resolve(configured);
    if (archive == null) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "where to? Give --to DIR or set journal.archive");
    }
    FileTrouble.requireNoFile("archive", archive);
    if (hours != null && hours < 0) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--older-than-hours " + hours + " is negative");
    }
    long age = hours == null ? file.config().journal().archiveAfterHours() : hours;
    try {
      JournalArchive.Report report =
          JournalArchive.move(
              file.resolve(file.config().journal().directory()),
              archive,
              System.currentTimeMillis() - TimeUnit.HOURS.toMillis(age),
              plain ? JournalArchive.Form.PLAIN : JournalArchive.Form.GZIP);
      if (json.json) {
        console.printJson(report);
      } else {
        show(report, archive);
      }
      return ExitCode.OK.number();
    } catch (JournalException e) {
      throw JournalErrors.of(e);
    }
  }

  private void show(JournalArchive.Report report, Path archive) {
    for (JournalArchive.Moved moved : report.moved()) {
      console.print(
          "%-44s %,d to %,d, %,d bytes as %,d"
              .formatted(
                  moved.file(), moved.first(), moved.last(), moved.bytes(), moved.storedBytes()));
    }
    console.print(
        "%d files moved to %s; it holds positions up to %,d. Next: %s"
            .formatted(report.moved().size(), archive, report.lastPosition(), report.stopped()));
  }
}
