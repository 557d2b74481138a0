package org.micropay.vts.settlement;

/**
 * Whether the chain can be believed, or why not. The names are stable: readiness, metrics and the
 * runbook use them.
 */
public enum ChainCode {
  /** The ledger's tip is the node's best block. */
  SYNCED(true),
  /** The node was not asked yet. */
  STARTING(false),
  /** Blocks are being followed; passes by itself. */
  FOLLOWING(true),
  /** The node loads the chain's history; passes by itself, in hours or days. */
  INITIAL_DOWNLOAD(false),
  /** The node knows headers of blocks that it does not have yet; passes by itself. */
  NODE_BEHIND(true),
  /** No answer from the node: not running, starting up, or not reachable. */
  NODE_UNAVAILABLE(true),
  /** The node refuses the cookie. */
  NODE_UNAUTHORIZED(true),
  /** The node follows another chain than the configuration names. */
  WRONG_NETWORK(false),
  /** The node has pruned a block that is needed. */
  NODE_PRUNED(false),
  /** The node's answer was not understood. */
  NODE_PROTOCOL(true),
  /** The chain turned below what can be undone; an operator must decide. */
  REORG_TOO_DEEP(false);

  private final boolean tipBelievable;

  ChainCode(boolean tipBelievable) {
    this.tipBelievable = tipBelievable;
  }

  /**
   * Whether the ledger's tip may still be granted on until it goes stale. Where it may not, claims
   * wait at once: what is known of the chain is known to be wrong, or nothing is known.
   */
  public boolean tipBelievable() {
    return tipBelievable;
  }

  static ChainCode of(ChainException.Kind kind) {
    return switch (kind) {
      case UNAVAILABLE -> NODE_UNAVAILABLE;
      case UNAUTHORIZED -> NODE_UNAUTHORIZED;
      case WRONG_NETWORK -> WRONG_NETWORK;
      case PRUNED -> NODE_PRUNED;
      case PROTOCOL -> NODE_PROTOCOL;
    };
  }
}
