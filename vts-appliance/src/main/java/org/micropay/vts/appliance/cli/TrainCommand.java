package org.micropay.vts.appliance.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.bench.Bench;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.server.VtsServer;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.Kernels;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code vts train DIR}: what the launcher has the JVM watch, once after a build, to make its
 * ahead-of-time cache (JEP 483: classes loaded and linked; JEP 515: profiles of methods). It does
 * small what an operator waits for: replays journals, loads snapshots, audits, starts a server and
 * asks for its status. What did not run here starts as slowly as without a cache, and nothing is
 * wrong.
 *
 * <p>A replay is repeated until its code is compiled for good: the cache keeps the last profile.
 */
@Command(
    name = "train",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Run what the JVM's ahead-of-time cache is made from; ./vts calls it.")
final class TrainCommand implements Callable<Integer> {
  private static final int REPLAYS = 2;
  private static final int ESCROWS = 200_000;
  private static final String ANY_PORT = "listen = \"127.0.0.1:0\"";

  private final Console console;
  private final int escrows;

  @Parameters(paramLabel = "DIR", description = "Existing folder for what is written meanwhile.")
  private Path directory;

  TrainCommand(Console console) {
    this(console, ESCROWS);
  }

  TrainCommand(Console console, int escrows) {
    this.console = console;
    this.escrows = escrows;
  }

  @Override
  public Integer call() {
    if (!Files.isDirectory(directory)) {
      throw new CommandException(ExitCode.NO_INPUT, "NO_INPUT", directory + " is not a folder");
    }
    System.setProperty("vts.bench.dir", directory.toString());
    Kernel kernel = Kernels.select(Kernels.AUTO);
    Bench bench = new Bench(kernel, ApplianceConfig.defaults().threads(), 0, console::note);
    for (int i = 0; i < REPLAYS; i++) {
      bench.recovery(escrows, escrows);
    }
    bench.audit();
    serve(directory.resolve("served"));
    return ExitCode.OK.number();
  }

  private void serve(Path folder) {
    run("init", folder.toString());
    Path path = folder.resolve("vts.toml");
    try {
      String text = Files.readString(path).replaceAll("(?m)^#? ?listen = .*$", ANY_PORT);
      Files.writeString(path, text);
      try (VtsServer server = VtsServer.start(ConfigFile.read(path), TrainCommand::halt, null)) {
        int port = server.httpAddress().getPort();
        run("status", "--server", "http://127.0.0.1:" + port);
      }
    } catch (IOException e) {
      throw new CommandException(ExitCode.CANNOT_CREATE, "CANNOT_CREATE", e.toString());
    }
  }

  /** A command line whose output nobody reads. */
  private static void run(String... words) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    int exit = Vts.execute(new Console(out, out), words);
    if (exit != ExitCode.OK.number()) {
      throw new IllegalStateException(
          "vts " + words[0] + ": " + said.toString(StandardCharsets.UTF_8).strip());
    }
  }

  private static void halt(String stage, Throwable cause) {
    Runtime.getRuntime().halt(ExitCode.INTERNAL.number());
  }
}
