package org.micropay.vts.secp256k1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Loads a shared object that travels as a resource. It is copied into a new directory that only
 * this user can enter, loaded, and removed again at once: the mapping outlives the file, so nothing
 * is left behind that another process could swap, not even after a kill.
 */
@SuppressWarnings("restricted")
final class NativeLibrary {
  private NativeLibrary() {}

  /** {@code linux-x86_64} or {@code linux-aarch64}, the directory names of native resources. */
  static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    return os + "-" + (arch.equals("amd64") ? "x86_64" : arch);
  }

  /** The resource's symbols, valid until the JVM ends; empty when there is no such resource. */
  static Optional<SymbolLookup> find(String resource) {
    return withFile(resource, file -> SymbolLookup.libraryLookup(file, Arena.global()));
  }

  /** Loads the resource for JNI, into this class's loader; false when there is no such resource. */
  static boolean loadForJni(String resource) {
    return withFile(
            resource,
            file -> {
              System.load(file.toString());
              return true;
            })
        .isPresent();
  }

  private static <T> Optional<T> withFile(String resource, Function<Path, T> load) {
    try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
      if (in == null) {
        return Optional.empty();
      }
      Path directory =
          Files.createTempDirectory(
              "vts-native-",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Path file = directory.resolve(resource.substring(resource.lastIndexOf('/') + 1));
      try {
        Files.copy(in, file);
        return Optional.of(load.apply(file));
      } catch (IllegalArgumentException | UnsatisfiedLinkError e) {
        throw new IllegalStateException(
            "cannot load "
                + resource
                + " from "
                + directory.getParent()
                + " ("
                + e.getMessage()
                + "); if that file system forbids execution, set -Djava.io.tmpdir to another",
            e);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot unpack " + resource + " into " + System.getProperty("java.io.tmpdir"), e);
    }
  }
}
