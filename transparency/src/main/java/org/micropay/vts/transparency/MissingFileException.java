package org.micropay.vts.transparency;

import java.io.Serial;

/** A file that a log must have at its size, and has not. */
public final class MissingFileException extends LogDataException {
  @Serial private static final long serialVersionUID = 1;

  MissingFileException(String message) {
    super(message);
  }
}
