package org.micropay.vts.settlement;

/** The node answered a call with an error: it understood, and says no. */
final class RpcException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** No such block, transaction or address. */
  static final int INVALID_ADDRESS_OR_KEY = -5;

  /** A parameter out of its range. */
  static final int INVALID_PARAMETER = -8;

  /** Still starting. */
  static final int IN_WARMUP = -28;

  /** The transaction's outputs are in the chain already. */
  static final int ALREADY_IN_UTXO_SET = -27;

  private final int code;

  RpcException(String method, int code, String message) {
    super(method + ": " + message + " (" + code + ")");
    this.code = code;
  }

  int code() {
    return code;
  }
}
