package org.micropay.vts.appliance.cli;

import org.micropay.vts.journal.JournalException;

/** What a failure of a journal means for the exit status of a command that only looks at it. */
final class JournalErrors {
  private JournalErrors() {}

  /** 64 a wrong call, 66 no journal, 77 somebody holds it, 74 for all else: damage above all. */
  static CommandException of(JournalException e) {
    ExitCode exit =
        switch (e.reason()) {
          case NOT_ACCESSIBLE -> ExitCode.NO_INPUT;
          case LOCKED -> ExitCode.NO_PERMISSION;
          case ILLEGAL_CALL -> ExitCode.USAGE;
          default -> ExitCode.IO;
        };
    return new CommandException(exit, "JOURNAL_" + e.reason(), e.getMessage());
  }
}
