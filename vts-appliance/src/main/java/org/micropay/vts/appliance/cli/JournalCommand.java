package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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
final class JournalCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command given; one of: ls, show, export, snapshot, archive");
  }
}
