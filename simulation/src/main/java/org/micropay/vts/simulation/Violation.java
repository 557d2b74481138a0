package org.micropay.vts.simulation;

/** Something that must always hold did not. The message begins with the checker's name. */
public final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String checker;

  /** A violation of what {@code checker} watches. */
  public Violation(String checker, String what) {
    super(checker + ": " + what);
    this.checker = checker;
  }

  /** The same with what led to it. */
  public Violation(String checker, String what, Throwable cause) {
    super(checker + ": " + what, cause);
    this.checker = checker;
  }

  /** Name of the checker. */
  public String checker() {
    return checker;
  }
}
