package org.micropay.vts.settlement;

/** Why a PSBT is not exported or imported: one line for people, a stable code for programs. */
public final class PsbtRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of refusal. */
  public enum Code {
    /** The fee wallet's key is here; batches need no PSBT. */
    NOT_WATCH_ONLY,
    /** No claims wait, or the named batch does not. */
    NOTHING_TO_SIGN,
    /** The free coins do not pay for the batch. */
    COINS_MISSING,
    /** The bytes are no PSBT of version 0 (BIP 174). */
    MALFORMED,
    /** It spends or pays what is not of this VTS's claims and coins. */
    FOREIGN,
    /** It holds this very transaction, or claims of a batch that is on its way already. */
    REPLAYED,
    /** Amounts, scripts or order are not those of the claims. */
    TAMPERED,
    /** A fee input is not signed. */
    UNSIGNED,
    /** A signature or script does not hold. */
    INVALID,
    /** The chain does not take it now. */
    REFUSED_BY_CHAIN
  }

  private final Code code;

  PsbtRefusal(Code code, String message) {
    super(message);
    this.code = code;
  }

  /** The stable code. */
  public Code code() {
    return code;
  }
}
