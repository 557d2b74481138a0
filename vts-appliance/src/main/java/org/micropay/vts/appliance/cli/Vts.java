package org.micropay.vts.appliance.cli;

import org.micropay.vts.appliance.config.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program: {@code vts COMMAND}. Every failure ends in one line and a documented exit code. */
@Command(
    name = "vts",
    description =
        "Verifiable Transaction Service: checks, counter-signs and settles winning tickets.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      InitCommand.class,
      ServeCommand.class,
      ClaimCommand.class,
      CheckCommand.class,
      ReleaseCommand.class,
      EvidenceCommand.class,
      SettleCommand.class,
      WalletCommand.class,
      StatusCommand.class,
      AuditCommand.class,
      MerchantCommand.class,
      PayCommand.class,
      BuyerCommand.class,
      LogCommand.class,
      JournalCommand.class,
      DemoCommand.class,
      LoadCommand.class,
      PaperCommand.class,
      BenchCommand.class,
      TortureCommand.class,
      TrainCommand.class,
      TopologyCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 the answer is no, 2 cannot be verified, 64 usage, 65 malformed input,"
          + " 66 no such input,",
      "69 unavailable, 70 internal, 73 cannot create, 74 journal failure, 75 try again,",
      "77 no permission, 78 configuration."
    })
public final class Vts implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command given; one of: " + String.join(", ", commands()));
  }

  private Iterable<String> commands() {
    return spec.subcommands().keySet();
  }

  /** The entry point. */
  public static void main(String[] args) {
    System.exit(execute(Console.system(), args));
  }

  /** Runs one command line and gives the exit status. */
  public static int execute(Console console, String... args) {
    CommandLine line = new CommandLine(new Vts(), new ConsoleFactory(console));
    line.setOut(console.writer());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionStrategy(new CommandLine.RunLast());
    line.setParameterExceptionHandler(
        (e, words) -> {
          console.fail(
              java.util.List.of(words).contains("--json"), "USAGE", ExitCode.USAGE, usage(e));
          return ExitCode.USAGE.number();
        });
    line.setExecutionExceptionHandler(
        (e, command, parsed) ->
            report(console, parsed.expandedArgs().contains("--json"), e).number());
    try {
      return line.execute(args);
    } catch (LinkageError e) {
      // A missing library or JVM flag; picocli hands on exceptions only.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      console.fail(
          java.util.List.of(args).contains("--json"),
          "LINKAGE",
          ExitCode.UNAVAILABLE,
          "a library does not load (" + cause + "); start the program with ./vts");
      return ExitCode.UNAVAILABLE.number();
    }
  }

  private static String usage(ParameterException e) {
    String first =
        e.getMessage()
            .lines()
            .findFirst()
            .orElse("wrong usage")
            .replaceFirst("' is not an? (int|long)$", "' is not a whole number")
            .replaceFirst("' is not a double$", "' is not a number");
    return first + "; see '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'";
  }

  private static ExitCode report(Console console, boolean json, Exception e) {
    switch (e) {
      case CommandException known -> {
        console.fail(json, known.code(), known.exitCode(), known.getMessage());
        return known.exitCode();
      }
      case ConfigException config -> {
        console.fail(json, "CONFIG", ExitCode.CONFIG, config.getMessage());
        return ExitCode.CONFIG;
      }
      default -> {
        console.fail(json, "INTERNAL", ExitCode.INTERNAL, "internal error: " + e);
        if (Boolean.getBoolean("vts.debug")) {
          e.printStackTrace();
        } else {
          console.note("vts: run again with VTS_JAVA_OPTS=-Dvts.debug=true for the stack trace");
        }
        return ExitCode.INTERNAL;
      }
    }
  }
}
