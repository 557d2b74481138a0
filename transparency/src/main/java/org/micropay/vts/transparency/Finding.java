package org.micropay.vts.transparency;

/**
 * Something that is wrong with a log.
 *
 * @param code what, for programs
 * @param leaf index of the leaf it is about; -1 when it is about the tree
 * @param detail what was found, with values
 */
public record Finding(Code code, long leaf, String detail) {
  /** What can be wrong. Names are never changed or reused. */
  public enum Code {
    /** The checkpoint is not signed by the log's key, or is no checkpoint. */
    BAD_CHECKPOINT,
    /** A witness that must have cosigned has not, or wrongly. */
    BAD_COSIGNATURE,
    /** A tile is not what the entries hash to. */
    BAD_TILE,
    /** A bundle does not hold the entries that it must. */
    BAD_BUNDLE,
    /** The entries hash to another root than the checkpoint says. */
    WRONG_ROOT,
    /** The log has fewer leaves than it showed before. */
    ROLLBACK,
    /** Two roots for one size. */
    SPLIT_VIEW,
    /** The log does not begin with the tree that it showed before. */
    INCONSISTENT,
    /** A receipt's leaf is not in the log. */
    NOT_INCLUDED,
    /** A leaf has another form than a leaf's. */
    BAD_LEAF,
    /** Positions or times of leaves do not rise. */
    OUT_OF_ORDER,
    /** The claim in a leaf is not well-formed. */
    BAD_CLAIM,
    /** The claim is for another network or VTS. */
    FOREIGN_CLAIM,
    /** The claim id is not that of the claim. */
    WRONG_CLAIM_ID,
    /** The claim was decided after the ticket's expiry. */
    EXPIRED,
    /** The commitment does not open. */
    WRONG_OPENING,
    /** The ticket does not win. */
    LOSING_TICKET,
    /** The buyer's signature over the ticket is wrong. */
    BAD_TICKET_SIGNATURE,
    /** The buyer's signature over the release is wrong. */
    BAD_SPEND_SIGNATURE,
    /** One escrow granted twice. */
    SECOND_GRANT,
    /** A double-spend proof without the grant that it names. */
    NO_SUCH_GRANT,
    /** A double-spend proof whose claim is the granted one. */
    SAME_CLAIM,
    /** One escrow with two double-spend proofs. */
    SECOND_PROOF
  }

  /** About the tree as a whole. */
  public static Finding ofTree(Code code, String detail) {
    return new Finding(code, -1, detail);
  }
}
