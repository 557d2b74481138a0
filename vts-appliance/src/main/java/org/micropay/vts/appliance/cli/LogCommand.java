package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Command;

/** {@code vts log}: the public transparency log, of this VTS or of any other. */
@Command(
    name = "log",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Check a VTS's public log of grants, or export one's own.",
    subcommands = {LogVerifyCommand.class, LogExportCommand.class})
final class LogCommand extends CommandGroup {}
