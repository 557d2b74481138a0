package org.micropay.vts.simulation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs processes under strace, which can make a system call fail. Stateless. */
final class Strace {
  /** Calls that change a file or may fail with it; each is swept. */
  static final List<String> CALLS =
      List.of(
          "read",
          "write",
          "pwrite64",
          "pread64",
          "fsync",
          "fdatasync",
          "msync",
          "rename",
          "mkdir",
          "unlink",
          "rmdir",
          "mmap",
          "fallocate",
          "ftruncate",
          "openat");

  private static final int LONGEST_SECONDS = 120;

  private Strace() {}

  static String program() {
    return System.getProperty("vts.strace", "strace");
  }

  /** Whether there is one and it may trace. */
  static boolean isPossible() {
    Path nothing = Path.of("/dev/null");
    try {
      return run(List.of(program(), "-o", "/dev/null", "true"), nothing, nothing) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * What a process does to the files at these paths, and what is to fail of it.
   *
   * @param log takes a line for each call
   * @param paths of the files; empty for every file
   * @param inject an expression of strace's; empty for none
   */
  static List<String> command(Path log, Collection<String> paths, String inject) {
    List<String> command = new ArrayList<>(List.of(program(), "-f", "-qq", "-o", log.toString()));
    if (!inject.contains("signal=")) {
      // With its filter in the kernel only these calls stop the process and not all that it makes;
      // but where the filter stops it, no signal can be given to it.
      command.add("--seccomp-bpf");
    }
    command.addAll(List.of("-e", "trace=" + String.join(",", CALLS)));
    for (String path : paths) {
      command.addAll(List.of("-P", path));
    }
    if (!inject.isEmpty()) {
      command.addAll(List.of("-e", "inject=" + inject));
    }
    return command;
  }

  /** Runs it to its end; gives its exit status. */
  static int run(List<String> command, Path err, Path out) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectError(err.toFile())
            .redirectOutput(out.toFile())
            .start();
    try {
      if (process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
      throw new Violation("EndsClearly", "no end after " + LONGEST_SECONDS + " s: " + command);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted during the sweep", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
