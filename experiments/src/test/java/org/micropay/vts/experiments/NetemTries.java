package org.micropay.vts.experiments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Opens the emulated line again and again, in a process whose PATH begins with the test's own ip
 * and tc: each time another command fails, until none does. Prints a line for each try, closes the
 * line that stands, opens it once more, and waits with it for its end.
 */
final class NetemTries {
  private NetemTries() {}

  /**
   * The process.
   *
   * @param words the folder of ip, tc and of what they note; how many commands may fail
   */
  public static void main(String[] words) throws Exception {
    Path folder = Path.of(words[0]);
    int steps = Integer.parseInt(words[1]);
    ServerProcess.Plan plan = ServerProcess.Plan.onLoopback(-1, 1, 10, false);
    for (int step = 1; step <= steps; step++) {
      Files.deleteIfExists(folder.resolve("calls"));
      Files.writeString(folder.resolve("fail"), Integer.toString(step));
      try (NetemLine line = NetemLine.open(plan, NetemLine::execute)) {
        System.out.println("OPEN " + line.uri());
      } catch (LoadException e) {
        System.out.println("REFUSED " + left(folder) + " " + e.getMessage());
      }
    }
    Files.deleteIfExists(folder.resolve("calls"));
    Files.writeString(folder.resolve("fail"), "0");
    try (NetemLine line = NetemLine.open(plan, NetemLine::execute)) {
      System.out.println("OPEN " + line.uri() + " " + left(folder));
    }
    System.out.println("CLOSED " + left(folder));
    NetemLine.open(plan, NetemLine::execute);
    System.out.println("WAITS " + left(folder));
    Thread.sleep(Long.MAX_VALUE);
  }

  /** What the commands have made and not taken away. */
  private static long left(Path folder) throws IOException {
    try (Stream<Path> made = Files.list(folder.resolve("made"))) {
      return made.count();
    }
  }
}
