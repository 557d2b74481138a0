package org.micropay.vts.journal;

/**
 * The journal cannot go on. Always fatal for the writer; the message is one line that says what was
 * wrong, where, and what to do.
 */
public final class JournalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, with numbers that never change. */
  public enum Reason {
    /** Another process or object holds the journal. */
    LOCKED(1),
    /** Another writer has taken over since this one opened. */
    FENCED(2),
    /** A read, write or sync failed. */
    IO(3),
    /** Acknowledged records are damaged or missing. */
    CORRUPT(4),
    /** The journal belongs to another identity. */
    WRONG_IDENTITY(5),
    /** There is no journal here, or it cannot be read or written. */
    NOT_ACCESSIBLE(6),
    /** No room on the disk. */
    DISK_FULL(7),
    /** The caller broke the contract of a method. */
    ILLEGAL_CALL(8),
    /** The journal has failed before, or is closed. */
    CLOSED(9),
    /** The journal lacks, or contradicts, a record that was once known to be durable. */
    BEHIND(10);

    private final int number;

    Reason(int number) {
      this.number = number;
    }

    /** Stable number of this reason. */
    public int number() {
      return number;
    }
  }

  private final Reason reason;
  private final long position;
  private final String file;
  private final long offset;

  JournalException(Reason reason, String message, Throwable cause) {
    this(reason, message, cause, 0, "", -1);
  }

  JournalException(Reason reason, String message) {
    this(reason, message, null, 0, "", -1);
  }

  private JournalException(
      Reason reason, String message, Throwable cause, long position, String file, long offset) {
    super(message, cause);
    this.reason = reason;
    this.position = position;
    this.file = file;
    this.offset = offset;
  }

  static JournalException corrupt(String what, long position, String file, long offset) {
    return new JournalException(
        Reason.CORRUPT,
        "journal is damaged at position %d (%s offset %d): %s; restore the journal from a copy"
            .formatted(position, file, offset, what),
        null,
        position,
        file,
        offset);
  }

  /** A read or write beside the journal failed. */
  public static JournalException io(String message, Throwable cause) {
    return new JournalException(Reason.IO, message, cause);
  }

  /** What is asked for is not there, or cannot be read. */
  public static JournalException inaccessible(String what) {
    return new JournalException(Reason.NOT_ACCESSIBLE, what);
  }

  /** The journal does not agree with what is known of it from elsewhere. */
  public static JournalException behind(String what) {
    return new JournalException(Reason.BEHIND, what);
  }

  /** What went wrong. */
  public Reason reason() {
    return reason;
  }

  /** Position of the damaged record for {@link Reason#CORRUPT}, otherwise 0. */
  public long position() {
    return position;
  }

  /** File of the damaged record for {@link Reason#CORRUPT}, otherwise empty. */
  public String file() {
    return file;
  }

  /** Byte offset in {@link #file()} for {@link Reason#CORRUPT}, otherwise -1. */
  public long offset() {
    return offset;
  }
}
