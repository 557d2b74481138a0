package org.micropay.vts.simulation;

/** Something that must always hold did not. The message begins with the checker's name. */
public final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What it costs. */
  public enum Kind {
    /** Claims were acknowledged and are not in the journal. */
    LOST,
    /** An escrow was granted to two claims. */
    DOUBLE_GRANT,
    /** Another promise is broken. */
    OTHER
  }

  private final String checker;
  private final Kind kind;
  private final long count;

  /** A violation of what {@code checker} watches. */
  public Violation(String checker, String what) {
    this(checker, Kind.OTHER, 1, what, null);
  }

  /** The same with what led to it. */
  public Violation(String checker, String what, Throwable cause) {
    this(checker, Kind.OTHER, 1, what, cause);
  }

  private Violation(String checker, Kind kind, long count, String what, Throwable cause) {
    super(checker + ": " + what, cause);
    this.checker = checker;
    this.kind = kind;
    this.count = count;
  }

  /** So many acknowledged claims are gone. */
  static Violation lost(String checker, long count, String what) {
    return new Violation(checker, Kind.LOST, count, what, null);
  }

  /** So many escrows were granted to two claims. */
  static Violation doubleGrant(String checker, long count, String what) {
    return new Violation(checker, Kind.DOUBLE_GRANT, count, what, null);
  }

  /** Name of the checker. */
  public String checker() {
    return checker;
  }

  /** What it costs. */
  public Kind kind() {
    return kind;
  }

  /** How many claims or escrows are concerned. */
  public long count() {
    return count;
  }
}
