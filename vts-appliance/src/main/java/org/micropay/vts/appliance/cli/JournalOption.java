package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.journal.JournalPlaces;
import picocli.CommandLine.Option;

/** Which journal a command reads. */
public final class JournalOption {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      defaultValue = "vts.toml",
      description = "Configuration that names the journal (default: ${DEFAULT-VALUE}).")
  Path config;

  @Option(
      names = "--journal",
      paramLabel = "DIR",
      description = "The journal's folder, also a copy; no configuration is read then.")
  Path journal;

  @Option(
      names = "--archive",
      paramLabel = "DIR",
      description = "Where older files are (default: the configuration's archive).")
  Path archive;

  JournalPlaces places() {
    FileTrouble.requireFolder("--archive", archive);
    if (journal != null) {
      return new JournalPlaces(journal, archive);
    }
    JournalPlaces configured = ConfigFile.read(config).journalPlaces();
    return archive == null ? configured : new JournalPlaces(configured.journal(), archive);
  }
}
