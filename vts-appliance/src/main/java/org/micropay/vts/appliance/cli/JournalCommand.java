package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Command;

/** {@code vts journal}: looks into a journal, and the work beside it. */
@Command(
    name = "journal",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Look into a journal (ls, show, export: never write, work beside a running server and on a",
      "copy), take a snapshot of the state, move old files to an archive."
    },
    subcommands = {
      JournalLsCommand.class,
      JournalShowCommand.class,
      JournalExportCommand.class,
      JournalSnapshotCommand.class,
      JournalArchiveCommand.class
    })
final class JournalCommand extends CommandGroup {}
