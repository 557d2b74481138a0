package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalListing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code vts journal ls}: epochs, cycle files and snapshots. */
@Command(
    name = "ls",
    mixinStandardHelpOptions = true,
    description = {
      "List epochs, cycle files, snapshots, first and last position and a torn tail.",
      "Exit codes: 0, 66 no journal there, 74 its end is damaged."
    })
final class JournalLsCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;

  @Parameters(paramLabel = "DIR", description = "The journal's folder, or an archive's.")
  private Path directory;

  JournalLsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try {
      JournalListing listing = JournalListing.of(directory);
      if (json.json) {
        console.printJson(listing);
      } else {
        show(listing);
      }
      return ExitCode.OK.number();
    } catch (JournalException e) {
      throw JournalErrors.of(e);
    }
  }

  private void show(JournalListing listing) {
    line("identity", listing.identity());
    line(
        "positions",
        "%,d to %,d, durable up to %,d"
            .formatted(listing.first(), listing.last(), listing.durable()));
    if (listing.archived() > 0) {
      line("archived", "up to %,d".formatted(listing.archived()));
    }
    line(
        "end",
        listing.tornBytes() < 0
            ? "being written"
            : listing.tornBytes() == 0
                ? "clean"
                : listing.tornBytes() + " bytes of an interrupted write, never acknowledged");
    for (JournalListing.EpochFiles epoch : listing.epochs()) {
      line("epoch", "%08d from position %,d".formatted(epoch.epoch(), epoch.first()));
      for (JournalListing.CycleFile file : epoch.files()) {
        line(
            "",
            "  %-28s %15s  %,15d bytes"
                .formatted(
                    file.name(),
                    file.first() == 0 ? "empty" : "%,d".formatted(file.first()),
                    file.bytes()));
      }
    }
    for (JournalListing.SnapshotEntry snapshot : listing.snapshots()) {
      line(
          "snapshot",
          snapshot.fault().isEmpty()
              ? "%s  needs %,d on, %,d bytes"
                  .formatted(snapshot.name(), snapshot.floor(), snapshot.bytes())
              : snapshot.name() + "  " + snapshot.fault());
    }
  }

  private void line(String name, String text) {
    console.print("%-10s %s".formatted(name, text));
  }
}
