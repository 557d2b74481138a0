package org.micropay.vts.ledger;

/**
 * A journal record that cannot follow the ones before it: the journal was altered, or the program
 * that wrote it decided otherwise than this one. Fatal; the ledger that threw it must not be used.
 */
public final class LedgerMismatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long position;
  private final int type;

  LedgerMismatchException(long position, int type, String expected, String got) {
    super(
        "record %d (%s) cannot follow: expected %s, got %s"
            .formatted(position, name(type), expected, got));
    this.position = position;
    this.type = type;
  }

  private static String name(int type) {
    RecordType known = RecordType.ofNumber(type);
    return known == null ? "type " + type : known.name();
  }

  /** Position of the offending record. */
  public long position() {
    return position;
  }

  /** Its type's number; of a {@link RecordType} when known. */
  public int type() {
    return type;
  }
}
