package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Command;

/** {@code vts settle psbt}: batches for the holder of a cold fee wallet. */
@Command(
    name = "psbt",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Batches of a watch-only fee wallet, out and in as PSBTs (BIP 174).",
    subcommands = {SettlePsbtExportCommand.class, SettlePsbtImportCommand.class})
final class SettlePsbtCommand extends CommandGroup {}
