package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.server.RecordFields;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.ledger.RecordType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts journal export}: records as JSON lines. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Print records as JSON lines, checked on the way (CRC32C, hash chain, numbering). Types that",
      "this program does not know are printed as hex.",
      "Exit codes: 0, 66 no journal there or it begins later, 74 damaged; what came before the",
      "damage is printed."
    })
final class JournalExportCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "DIR", description = "The journal's folder.")
  private Path directory;

  @Option(names = "--archive", paramLabel = "DIR", description = "Where older files are.")
  private Path archive;

  @Option(names = "--from", paramLabel = "POSITION", description = "First record.")
  private Long from;

  @Option(names = "--to", paramLabel = "POSITION", description = "Last record.")
  private long to = Long.MAX_VALUE;

  @Option(
      names = "--type",
      paramLabel = "NAME",
      split = ",",
      description = "Only these types, by name, for example GRANT,DOUBLE_SPEND.")
  private List<String> types = List.of();

  JournalExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    check();
    Set<RecordType> wanted = EnumSet.noneOf(RecordType.class);
    for (String name : types) {
      try {
        wanted.add(RecordType.valueOf(name.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new CommandException(
            ExitCode.USAGE,
            "USAGE",
            "--type '%s' is no record type; one of: %s"
                .formatted(name, Arrays.toString(RecordType.values()).replaceAll("[\\[\\]]", "")));
      }
    }
    try (JournalReader reader = open()) {
      while (reader.position() < to
          && reader.next(
              (position, type, millis, payload, offset, length) -> {
                boolean chosen = wanted.isEmpty() || wanted.contains(RecordType.ofNumber(type));
                if (chosen && position <= to) {
                  console.print(
                      Console.toJsonLine(
                          RecordFields.of(position, type, millis, payload, offset, length)));
                }
              })) {
        // The handler prints.
      }
      return ExitCode.OK.number();
    } catch (JournalException e) {
      throw JournalErrors.of(e);
    }
  }

  private void check() {
    long first = from == null ? 1 : from;
    if (first < 1 || to < first) {
      throw new CommandException(
          ExitCode.USAGE,
          "USAGE",
          to == Long.MAX_VALUE
              ? "--from %d: positions begin at 1".formatted(first)
              : "--from %d --to %d: positions begin at 1 and rise".formatted(first, to));
    }
    FileTrouble.requireFolder("--archive", archive);
  }

  private JournalReader open() {
    JournalPlaces places = new JournalPlaces(directory, archive);
    return places.open(from == null ? places.firstPosition() : from);
  }
}
