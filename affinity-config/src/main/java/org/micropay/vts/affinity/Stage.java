package org.micropay.vts.affinity;

/**
 * One stage of the pipeline; {@link Kind#VERIFY} and {@link Kind#SIGN} exist several times, told
 * apart by an index.
 *
 * @param kind what the stage does
 * @param index from 0; 0 for kinds that exist once
 */
public record Stage(Kind kind, int index) {

  /** What a stage does. */
  public enum Kind {
    /** Takes bytes from the network. */
    INGRESS,
    /** Checks signatures, in batches. */
    VERIFY,
    /** The only one that touches the ledger. */
    DECIDE,
    /** Appends and syncs; blocks while the disk does. */
    JOURNAL,
    /** Counter-signs, in batches. */
    SIGN,
    /** Sends answers. */
    REPLY,
    /** Speaks with the chain. */
    SETTLEMENT,
    /** Timers, metrics, administration. */
    HOUSEKEEPING;

    boolean sharded() {
      return this == VERIFY || this == SIGN;
    }
  }

  public Stage {
    if (index < 0 || index > 0 && !kind.sharded()) {
      throw new AffinityException("stage " + kind + " has no index " + index);
    }
  }

  /** The stage of a kind that exists once. */
  public static Stage of(Kind kind) {
    return new Stage(kind, 0);
  }

  @Override
  public String toString() {
    return kind.sharded() ? kind.name() + index : kind.name();
  }
}
