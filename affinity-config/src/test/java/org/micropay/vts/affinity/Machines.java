package org.micropay.vts.affinity;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Machines recorded as text: each line is a path below the root, a space and the contents of that
 * file, with {@code |} for a line end.
 */
final class Machines {
  static final String[] ALL = {
    "vm-1",
    "vm-2",
    "laptop-4c8t",
    "server-8c",
    "server-8c-isolated",
    "server-16c32t",
    "epyc-2s-64c",
    "container-quota",
    "taskset"
  };

  private Machines() {}

  static CpuTopology read(String name, Path directory) {
    Path root = directory.resolve(name);
    try {
      for (String line : resource(name + ".txt").split("\n")) {
        if (!line.startsWith("#")) {
          String[] pathAndText = line.split(" ", 2);
          Path file = root.resolve(pathAndText[0]);
          Files.createDirectories(file.getParent());
          String text = pathAndText.length == 2 ? pathAndText[1].replace('|', '\n') : "";
          Files.writeString(file, text + "\n");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return CpuTopology.read(root);
  }

  static String resource(String name) throws IOException {
    try (InputStream in = Machines.class.getResourceAsStream("/topologies/" + name)) {
      if (in == null) {
        throw new IOException("no test resource topologies/" + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
