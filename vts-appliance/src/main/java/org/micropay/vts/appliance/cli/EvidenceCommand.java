package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Command;

/** {@code vts evidence}: what proves a double-spend, as a file. */
@Command(
    name = "evidence",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Export the evidence of a double-spend, or check such a file offline.",
    subcommands = {EvidenceExportCommand.class, EvidenceVerifyCommand.class})
final class EvidenceCommand extends CommandGroup {}
