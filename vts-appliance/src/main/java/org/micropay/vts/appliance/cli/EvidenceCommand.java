package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vts evidence}: what proves a double-spend, as a file. */
@Command(
    name = "evidence",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Export the evidence of a double-spend, or check such a file offline.",
    subcommands = {EvidenceExportCommand.class, EvidenceVerifyCommand.class})
final class EvidenceCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given; one of: " + String.join(", ", spec.subcommands().keySet()));
  }
}
