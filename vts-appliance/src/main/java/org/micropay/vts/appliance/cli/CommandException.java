package org.micropay.vts.appliance.cli;

/** A command that cannot go on: one line for the person, a stable code for the program. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;
  private final String code;

  /**
   * A failure.
   *
   * @param exitCode what the process ends with
   * @param code a stable upper-case word for programs, e.g. {@code SERVER_UNREACHABLE}
   * @param message one line: what was wrong, which value, what to do
   */
  public CommandException(ExitCode exitCode, String code, String message) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
  }

  /** What the process ends with. */
  public ExitCode exitCode() {
    return exitCode;
  }

  /** The stable word. */
  public String code() {
    return code;
  }
}
