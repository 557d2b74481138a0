package org.micropay.vts.appliance.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.PublicKey;

/**
 * The demo's folder (mode 0700): configuration, keys, journal, chain and the processes' output.
 * Removed at the end unless it is to be kept. One thread.
 */
final class Workspace implements AutoCloseable {
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path folder;
  private final boolean keep;

  private Workspace(Path folder, boolean keep) {
    this.folder = folder;
    this.keep = keep;
  }

  /** Makes the folder. */
  static Workspace make(Optional<Path> keep) {
    try {
      if (keep.isEmpty()) {
        return new Workspace(Files.createTempDirectory("vts-demo-", PRIVATE), false);
      }
      Path folder = keep.get().toAbsolutePath();
      if (folder.getParent() != null) {
        Files.createDirectories(folder.getParent());
      }
      return new Workspace(Files.createDirectory(folder, PRIVATE), true);
    } catch (FileAlreadyExistsException e) {
      throw new DemoException("--keep " + keep.get() + " exists already; name a new folder", e);
    } catch (IOException e) {
      throw new DemoException("cannot make the demo's folder: " + e, e);
    }
  }

  Path folder() {
    return folder;
  }

  Path config() {
    return folder.resolve("vts.toml");
  }

  Path readyFile() {
    return folder.resolve("ready.json");
  }

  Path journal() {
    return folder.resolve("journal");
  }

  Path chain() {
    return folder.resolve("chain");
  }

  Path serverLog() {
    return folder.resolve("server.log");
  }

  /** Makes a key file below {@code keys/} and gives its public key; the secret stays there. */
  PublicKey newKey(String name) {
    try (SecretKey key = SecretKey.generate()) {
      Path keys = Files.createDirectories(folder.resolve("keys"), PRIVATE);
      key.writeTo(keys.resolve(name));
      return PublicKey.of(key.publicKey());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the server's configuration; {@code chain} is the body of its section. */
  void writeConfig(String chain) {
    String text =
        """
        # Written by vts demo: blocks are made on demand, so depths are small and waits short.
        [chain]
        %s
        [policy]
        min_confirmations = %d
        refund_margin = %d
        capacity = 65536
        [stream]
        listen = "127.0.0.1:0"
        [http]
        listen = "127.0.0.1:0"
        max_body_bytes = 1048576
        [settlement]
        max_age_seconds = 1
        confirmations = %d
        """
            .formatted(
                chain,
                DemoSizes.MIN_CONFIRMATIONS,
                DemoSizes.REFUND_MARGIN,
                DemoSizes.SETTLED_CONFIRMATIONS);
    try {
      Files.writeString(config(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (keep || !Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(Workspace::delete);
    } catch (IOException | UncheckedIOException e) {
      throw new DemoException("cannot remove " + folder + ": " + e.getMessage(), e);
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
