package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.server.DuplicateGrantException;
import org.micropay.vts.appliance.server.ListenException;
import org.micropay.vts.appliance.server.OperatorOverride;
import org.micropay.vts.appliance.server.VtsServer;
import org.micropay.vts.journal.JournalException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vts serve}: runs the appliance until it is told to stop. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Run the VTS until SIGTERM or Ctrl-C. Logs go to standard error.",
      "A failing journal stops the process with exit code 74 before it can answer wrongly."
    })
final class ServeCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private ConfigOption config;

  @Option(
      names = "--log",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private String log;

  @Option(
      names = "--ready-file",
      paramLabel = "FILE",
      description = "Write addresses and process id as JSON once the interfaces listen.")
  private Path readyFile;

  @Option(
      names = "--accept-older-journal",
      paramLabel = "REASON",
      description = {
        "Start although the journal is behind its anchor or its snapshots: grants answered since",
        "are unknown and could be made again. Your words are journaled."
      })
  private String acceptOlder;

  ServeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (!log.equals("text") && !log.equals("json")) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--log '" + log + "' is not known; use text or json");
    }
    // Before the first logger exists.
    System.setProperty("logback.configurationFile", "logback-serve-" + log + ".xml");
    ConfigFile file = config.read();
    CountDownLatch stopped = new CountDownLatch(1);
    VtsServer server = start(file, override());
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  stopped.countDown();
                },
                "vts-shutdown"));
    if (readyFile != null) {
      writeReady(server);
    }
    stopped.await();
    return ExitCode.OK.number();
  }

  private OperatorOverride override() {
    try {
      return acceptOlder == null ? null : new OperatorOverride(acceptOlder);
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--accept-older-journal: " + e.getMessage());
    }
  }

  private static VtsServer start(ConfigFile file, OperatorOverride override) {
    try {
      return VtsServer.start(file, ServeCommand::halt, override);
    } catch (IOException e) {
      throw new CommandException(ExitCode.NO_INPUT, "KEY_FILE", e.getMessage());
    } catch (JournalException e) {
      ExitCode exit =
          e.reason() == JournalException.Reason.LOCKED ? ExitCode.NO_PERMISSION : ExitCode.IO;
      String advice =
          e.reason() == JournalException.Reason.BEHIND
              ? ". Bring the newest copy back; docs/OPERATIONS.md, 'An older journal', says what"
                  + " else there is"
              : "";
      throw new CommandException(exit, "JOURNAL_" + e.reason(), e.getMessage() + advice);
    } catch (DuplicateGrantException e) {
      throw new CommandException(ExitCode.IO, "DUPLICATE_GRANT", e.getMessage());
    } catch (ListenException e) {
      throw new CommandException(
          ExitCode.UNAVAILABLE, "CANNOT_LISTEN", e.getMessage() + " in " + file.path());
    }
  }

  /** A stage, the journal or settlement failed: nothing more may be answered. */
  private static void halt(String stage, Throwable cause) {
    LoggerFactory.getLogger("vts.server")
        .error("halt: {} failed; nothing more is answered", stage, cause);
    ExitCode exit = cause instanceof JournalException ? ExitCode.IO : ExitCode.INTERNAL;
    Runtime.getRuntime().halt(exit.number());
  }

  private void writeReady(VtsServer server) {
    Map<String, Object> ready = new LinkedHashMap<>();
    ready.put("http", text(server.httpAddress()));
    ready.put("stream", text(server.streamAddress()));
    ready.put("pid", ProcessHandle.current().pid());
    try {
      Path partial = readyFile.resolveSibling(readyFile.getFileName() + ".new");
      Files.writeString(partial, Console.toJson(ready));
      Files.move(partial, readyFile, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "READY_FILE", readyFile + ": " + e.getMessage());
    }
  }

  private static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }
}
