package org.micropay.vts.appliance.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.micropay.vts.journal.JournalPlaces;

/**
 * A {@code vts.toml} that was read: the configuration and the folder its relative paths count from.
 *
 * @param path the file
 * @param config what it says
 */
public record ConfigFile(Path path, ApplianceConfig config) {
  /**
   * Reads and checks a file.
   *
   * @throws ConfigException naming the file, the line where it is known, the key and the value
   */
  public static ConfigFile read(Path path) {
    try {
      return parse(path, Files.readAllBytes(path));
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          path + " does not exist; make one with 'vts init' or name another with --config");
    } catch (IOException e) {
      throw new ConfigException(path + " cannot be read: " + e.getMessage());
    }
  }

  /**
   * Checks what is, or will be, in a file.
   *
   * @throws ConfigException as {@link #read}
   */
  public static ConfigFile parse(Path path, byte[] toml) {
    ApplianceConfig config = TomlFile.parse(path, toml, ApplianceConfig.class);
    return new ConfigFile(path, config == null ? ApplianceConfig.defaults() : config);
  }

  /** An absolute path for one that stands in the file. */
  public Path resolve(Path relative) {
    Path folder = path.toAbsolutePath().getParent();
    return folder.resolve(relative).normalize();
  }

  /** Where the journal's records are: its folder and, if one is configured, its archive. */
  public JournalPlaces journalPlaces() {
    ApplianceConfig.Journal journal = config.journal();
    return new JournalPlaces(
        resolve(journal.directory()),
        journal.archive() == null ? null : resolve(journal.archive()));
  }
}
