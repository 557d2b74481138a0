package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vts settle psbt}: batches for the holder of a cold fee wallet. */
@Command(
    name = "psbt",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Batches of a watch-only fee wallet, out and in as PSBTs (BIP 174).",
    subcommands = {SettlePsbtExportCommand.class, SettlePsbtImportCommand.class})
final class SettlePsbtCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given; one of: " + String.join(", ", spec.subcommands().keySet()));
  }
}
