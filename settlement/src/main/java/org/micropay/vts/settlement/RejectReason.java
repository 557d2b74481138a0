package org.micropay.vts.settlement;

/** Why a mempool refuses a transaction, as far as settlement acts differently on it. */
public enum RejectReason {
  /** An input does not exist or is spent by a confirmed transaction. */
  MISSING_INPUTS("missing-inputs", "inputs-missingorspent", "missingorspent"),
  /** An input is spent in the mempool and the replacement rules (BIP 125) are not met. */
  CONFLICT(
      "txn-mempool-conflict", "insufficient fee", "replacement", "too many potential", "bip125"),
  /** Below the minimum fee rate. */
  FEE_TOO_LOW("min relay fee", "mempool min fee", "min-fee", "fee-too-low"),
  /** A signature or script fails. */
  SCRIPT("script", "sig", "witness"),
  /** Lock time or sequence not reached, or an immature coinbase. */
  NOT_FINAL("non-final", "non-BIP68-final", "premature"),
  /** An output below the dust threshold. */
  DUST("dust"),
  /** Breaks the limits on version 3 transactions (BIP 431). */
  TRUC("truc", "version=3", "v3-"),
  /** Anything else: not standard, malformed. */
  OTHER();

  private final String[] marks;

  RejectReason(String... marks) {
    this.marks = marks;
  }

  /** Sorts Bitcoin Core's reject-reason text. */
  static RejectReason ofText(String text) {
    String lower = text.toLowerCase(java.util.Locale.ROOT);
    for (RejectReason reason : values()) {
      for (String mark : reason.marks) {
        if (lower.contains(mark.toLowerCase(java.util.Locale.ROOT))) {
          return reason;
        }
      }
    }
    return OTHER;
  }
}
