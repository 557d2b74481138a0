package org.micropay.vts.ticket;

import java.util.Objects;

/**
 * A message, or a part of one, that the protocol refuses. The only exception that the decoders of
 * this package throw on foreign bytes. Its message names the field and the value, never a secret.
 */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final AnswerCode code;

  /** A refusal with its stable code and one line for people. */
  public ProtocolException(AnswerCode code, String message) {
    super(message);
    this.code = Objects.requireNonNull(code);
  }

  /** The code that a server answers with. */
  public AnswerCode code() {
    return code;
  }
}
