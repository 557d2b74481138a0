package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import org.micropay.vts.appliance.config.ConfigFile;
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

  Path directory() {
    if (journal != null) {
      return journal;
    }
    ConfigFile file = ConfigFile.read(config);
    return file.resolve(file.config().journal().directory());
  }
}
