package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vts log}: the public transparency log, of this VTS or of any other. */
@Command(
    name = "log",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Check a VTS's public log of grants, or export one's own.",
    subcommands = {LogVerifyCommand.class, LogExportCommand.class})
final class LogCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command given; one of: verify, export");
  }
}
