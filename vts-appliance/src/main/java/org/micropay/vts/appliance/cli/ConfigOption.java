package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import org.micropay.vts.appliance.config.ConfigFile;
import picocli.CommandLine.Option;

/** Which configuration file a command works with. */
public final class ConfigOption {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      defaultValue = "vts.toml",
      description = "Configuration file (default: ${DEFAULT-VALUE} in this folder).")
  Path path;

  ConfigFile read() {
    return ConfigFile.read(path);
  }
}
