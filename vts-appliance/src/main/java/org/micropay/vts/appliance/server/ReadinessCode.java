package org.micropay.vts.appliance.server;

/**
 * Why a good claim would not be granted, beside what the chain has to say ({@link
 * org.micropay.vts.settlement.ChainCode}). The names are stable.
 */
public enum ReadinessCode {
  /** A stage or the journal failed; the process is ending. */
  PIPELINE_HALTED,
  /** Claims wait until the chain is caught up with. */
  CATCHING_UP,
  /** The ledger has not heard of the chain for too long. */
  TIP_STALE,
  /** Free disk space is below the reserve. */
  DISK_RESERVE
}
