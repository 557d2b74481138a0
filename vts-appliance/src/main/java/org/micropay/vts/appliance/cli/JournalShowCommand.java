package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.server.RecordFields;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts journal show}: one record. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = {
      "Print one record as JSON, with its chain hash and the place where it lies.",
      "Exit codes: 0, 1 the journal does not hold that position, 66 no journal there, 74 damaged."
    })
final class JournalShowCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(index = "0", paramLabel = "DIR", description = "The journal's folder.")
  private Path directory;

  @Parameters(index = "1", paramLabel = "POSITION", description = "From 1.")
  private long position;

  @Option(names = "--archive", paramLabel = "DIR", description = "Where older files are.")
  private Path archive;

  JournalShowCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (position < 1) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "position " + position + "; positions begin at 1");
    }
    FileTrouble.requireFolder("--archive", archive);
    try (JournalReader reader = new JournalPlaces(directory, archive).openNear(position)) {
      boolean found =
          reader.next(
              (at, type, millis, payload, offset, length) -> {
                var fields = RecordFields.of(at, type, millis, payload, offset, length);
                fields.put("chain", reader.point().chainHex());
                fields.put("location", reader.location());
                console.printJson(fields);
              });
      if (!found) {
        throw new CommandException(
            ExitCode.NEGATIVE,
            "NO_SUCH_POSITION",
            "the journal in " + directory + " does not hold position " + position);
      }
      return ExitCode.OK.number();
    } catch (JournalException e) {
      throw JournalErrors.of(e);
    }
  }
}
