package org.micropay.vts.appliance.cli;

/**
 * What the process tells its caller; the numbers follow BSD's sysexits.h where it has one, and
 * never change. docs/OPERATIONS.md lists them.
 */
public enum ExitCode {
  /** Done. */
  OK(0),
  /** The command ran and its answer is no: a refused claim, a balance that does not agree. */
  NEGATIVE(1),
  /** What was to be verified cannot be read: there is no answer. */
  UNREADABLE(2),
  /** Wrong words on the command line. */
  USAGE(64),
  /** The input (a claim, a ticket) is malformed. */
  DATA(65),
  /** A named file does not exist or cannot be used: a claim, a key file open to others. */
  NO_INPUT(66),
  /** The server, the node or a tool that is needed cannot be reached. */
  UNAVAILABLE(69),
  /** A defect of ours. */
  INTERNAL(70),
  /** A file or folder cannot be made, or is there already. */
  CANNOT_CREATE(73),
  /** The journal failed: the process stopped before it could answer wrongly. */
  IO(74),
  /** Refused for now (overload, missing confirmations); the same call may succeed later. */
  TRY_AGAIN(75),
  /** Another process holds the journal. */
  NO_PERMISSION(77),
  /** The configuration cannot be used. */
  CONFIG(78);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** The process exit status, 0 to 255. */
  public int number() {
    return number;
  }
}
