package org.micropay.vts.experiments;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The kernel's network emulation (tc-netem(8)) between here and a sample server in a network
 * namespace of its own: real packets and real TCP, delayed on both ways.
 *
 * <pre>
 *   this process                    namespace vts-paper-PID
 *   198.18.213.1  ── veth pair ──   198.18.213.2  sample server
 *   netem, outwards                 netem, outwards
 * </pre>
 *
 * Needs root (CAP_NET_ADMIN and CAP_SYS_ADMIN), iproute2 and the module sch_netem. Whether it may
 * is found by trying; what a failed try has made is taken away again, and so is everything when the
 * process ends in the middle. The addresses are of the block for benchmarks (RFC 2544). One thread.
 */
final class NetemLine implements SlowLine {
  /** Mean one-way delay, its deviation, and the rate of a cable modem. */
  static final List<String> EMULATION =
      List.of("netem", "delay", "23ms", "4ms", "distribution", "paretonormal", "rate", "20mbit");

  private static final String HERE = "198.18.213.1";
  private static final String THERE = "198.18.213.2";
  private static final long SECONDS = 10;

  private final Names names;
  private final Commands commands;
  private final ServerProcess server;
  private final Thread atExit;

  /** Runs a command line. */
  @FunctionalInterface
  interface Commands {
    /**
     * Runs one command to its end.
     *
     * @throws LoadException when it fails; the message has its own words
     */
    void run(List<String> command);
  }

  /**
   * What things are called.
   *
   * @param namespace of the server
   * @param here this end of the pair, at most 15 characters as the kernel wants it
   * @param there the server's end
   */
  record Names(String namespace, String here, String there) {
    static Names of(long pid) {
      return new Names("vts-paper-" + pid, "vts" + pid + "a", "vts" + pid + "b");
    }
  }

  private NetemLine(Names names, Commands commands, ServerProcess server, Thread atExit) {
    this.names = names;
    this.commands = commands;
    this.server = server;
    this.atExit = atExit;
  }

  /**
   * Makes namespace and line, and starts the server behind it.
   *
   * @throws LoadException when that is not allowed or not there; one line says which
   */
  static NetemLine open(ServerProcess.Plan plan, Commands commands) {
    Names names = Names.of(ProcessHandle.current().pid());
    // Ctrl-C runs no finally, and a namespace outlives its processes.
    Thread atExit = new Thread(() -> takeDown(names, commands), "netem-down");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      setUp(names).forEach(commands::run);
      return new NetemLine(
          names,
          commands,
          ServerProcess.start(
              plan.elsewhere(List.of("ip", "netns", "exec", names.namespace()), THERE)),
          atExit);
    } catch (LoadException e) {
      takeDownNow(names, commands, atExit);
      throw e;
    }
  }

  /** The commands that make the line, in order. */
  static List<List<String>> setUp(Names names) {
    String here = names.here();
    String there = names.there();
    String space = names.namespace();
    return List.of(
        List.of("ip", "netns", "add", space),
        List.of("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", space),
        List.of("ip", "address", "add", HERE + "/30", "dev", here),
        List.of("ip", "link", "set", here, "up"),
        List.of("ip", "-n", space, "address", "add", THERE + "/30", "dev", there),
        List.of("ip", "-n", space, "link", "set", there, "up"),
        List.of("ip", "-n", space, "link", "set", "lo", "up"),
        emulate(List.of(), here),
        emulate(List.of("ip", "netns", "exec", space), there));
  }

  private static List<String> emulate(List<String> prefix, String device) {
    List<String> command = new java.util.ArrayList<>(prefix);
    command.addAll(List.of("tc", "qdisc", "add", "dev", device, "root"));
    command.addAll(EMULATION);
    return command;
  }

  /** The commands that take it away; each is tried, also when one before failed. */
  static List<List<String>> tearDown(Names names) {
    return List.of(
        List.of("ip", "link", "delete", names.here()),
        List.of("ip", "netns", "delete", names.namespace()));
  }

  private static void takeDown(Names names, Commands commands) {
    for (List<String> command : tearDown(names)) {
      try {
        commands.run(command);
      } catch (LoadException e) {
        // It was not there, or it goes with the namespace.
      }
    }
  }

  private static void takeDownNow(Names names, Commands commands, Thread atExit) {
    takeDown(names, commands);
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The process is ending: the hook tries it again, and nothing is there.
    }
  }

  /** Runs a command of the system. */
  static void execute(List<String> command) {
    String line = String.join(" ", command);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .start();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new LoadException("'" + line + "' did not end");
      }
      if (process.exitValue() != 0) {
        String said =
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .strip()
                .lines()
                .findFirst()
                .orElse("exit code " + process.exitValue());
        throw new LoadException("'" + line + "' failed: " + said);
      }
    } catch (IOException e) {
      throw new LoadException("'" + command.getFirst() + "' cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted while '" + line + "' ran", e);
    }
  }

  @Override
  public URI uri() {
    return server.sample();
  }

  @Override
  public String description() {
    return "tc " + String.join(" ", EMULATION) + " on both ways, in a network namespace";
  }

  @Override
  public void close() {
    server.close();
    takeDownNow(names, commands, atExit);
  }
}
