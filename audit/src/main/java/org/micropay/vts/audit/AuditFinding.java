package org.micropay.vts.audit;

/**
 * What an audit can find. Names and numbers are stable: programs may rely on them; a number is
 * never used again for something else.
 */
public enum AuditFinding {
  /** Lengths that do not agree. */
  FRAME_LENGTH(10, "the frame's lengths do not agree"),
  /** CRC32C. */
  FRAME_CHECKSUM(11, "the frame's checksum does not match its bytes"),
  /** A layout that this program does not know. */
  FRAME_VERSION(12, "the frame has an unknown version"),
  /** The record has another number than its place. */
  POSITION(13, "the record's position is not the next one"),
  /** The record is of another epoch than its file. */
  EPOCH(14, "the record's epoch is not its file's"),
  /** The record does not continue the chain. */
  HASH_CHAIN(15, "the record does not continue the hash chain"),
  /** The frame says that itself or a later record was durable when it was written. */
  DURABLE_MARK(16, "the record claims a durable position that cannot have been"),
  /** An acknowledged record is gone, or its length cannot even be read. */
  RECORD_MISSING(17, "an acknowledged record is missing or cannot be read"),
  /** An epoch's head is damaged, or does not continue the epoch before. */
  EPOCH_HEAD(18, "the head of an epoch does not continue the journal"),
  /** The journal's identity is not that of its network and key. */
  IDENTITY(19, "the journal's identity is not that of its network and key"),
  /** Time is earlier than the record before. */
  TIME_BACKWARDS(20, "time goes backwards"),
  /** A record type that this program does not know. */
  UNKNOWN_TYPE(21, "the record's type is unknown"),
  /** Record 1 is not CONFIG. */
  FIRST_RECORD(22, "the journal does not begin with CONFIG"),
  /** The auditor expects another key. */
  VTS_KEY(30, "the journal is of another VTS key than the auditor's"),
  /** A CONFIG record that cannot be read or cannot follow. */
  POLICY(31, "the policy cannot be read, or changes what must not change"),
  /** Not a registration. */
  REGISTRATION_MALFORMED(40, "the registration is malformed"),
  /** sigTerms. */
  REGISTRATION_SIGNATURE(41, "the buyer's signature over the registration is invalid"),
  /** sigBurn. */
  DEPOSIT_SIGNATURE(42, "the buyer's signature over the deposit's burn is invalid"),
  /** Not a claim. */
  CLAIM_MALFORMED(43, "the claim is malformed"),
  /** The claim's id is not the one recorded. */
  CLAIM_ID(44, "the recorded claim id is not the claim's"),
  /** c is not the hash of r1, s. */
  COMMITMENT(45, "the commitment does not open"),
  /** It does not win. */
  LOSING_TICKET(46, "the ticket does not win"),
  /** sigTicket. */
  TICKET_SIGNATURE(47, "the buyer's signature over the ticket is invalid"),
  /** sigSpend. */
  SPEND_SIGNATURE(48, "the buyer's signature over the release is invalid"),
  /** A claim on an outpoint that was never registered. */
  UNREGISTERED(60, "the escrow was never registered"),
  /** A claim whose terms are not the registered ones. */
  TERMS(61, "the claim's terms are not the registered ones"),
  /** A second grant on one escrow: the one thing that must never happen. */
  SECOND_GRANT(62, "the escrow was granted before"),
  /** A granted escrow was registered again. */
  REGISTERED_AGAIN(63, "a granted escrow is registered again"),
  /** Granted or proven after the ticket's expiry. */
  EXPIRED(64, "the ticket had expired"),
  /** Granted although the chain's state, as journaled, forbids it. */
  CHAIN_STATE(65, "the chain's state at that time forbids the grant"),
  /** A double-spend proof that proves nothing. */
  PROOF(66, "the double-spend proof does not hold"),
  /** The ledger decides otherwise. */
  DECISION(70, "decided again, the outcome is another"),
  /** The recorded digest is not that of the state. */
  STATE_DIGEST(71, "the recorded state digest is not that of the replayed state"),
  /** The policy calls for a digest, and the record is another. */
  STATE_DIGEST_MISSING(72, "a state digest was due and is not there"),
  /** A settlement record that cannot be read. */
  SETTLEMENT_MALFORMED(80, "the settlement record is malformed"),
  /** A settlement record that cannot follow. */
  SETTLEMENT_ORDER(81, "the settlement record cannot follow the ones before"),
  /** A batch spends an escrow that was not granted, or not at that position. */
  PAYMENT_WITHOUT_GRANT(82, "the batch spends an escrow without its grant"),
  /** A batch pays something else than the claim says. */
  PAYMENT_DIFFERS(83, "the batch does not pay what the granted claim says"),
  /** One claim in two confirmed batches. */
  PAID_TWICE(84, "the claim is paid by two confirmed batches"),
  /** A signature in a batch. */
  PAYMENT_SIGNATURE(85, "a signature of the batch's release is invalid"),
  /** Inputs are not outputs and fee. */
  BATCH_ACCOUNT(86, "the batch's inputs are not its outputs and its fee"),
  /** The journal is not the one that an earlier checkpoint was taken of. */
  CHECKPOINT(90, "the journal differs from the earlier checkpoint"),
  /** The transparency log's root is not that of the journal's records. */
  LOG_ROOT(91, "the log's root is not that of the journal's records"),
  /** A snapshot that is damaged, or holds another state than the records lead to. */
  SNAPSHOT(92, "the snapshot is not the state that the journal's records lead to"),
  /** An archived file is not what the manifest says. */
  ARCHIVE(93, "the archive is not what its manifest says"),
  /** A penalty record that cannot be read. */
  PENALTY_MALFORMED(100, "the penalty record is malformed"),
  /** A penalty record that cannot follow. */
  PENALTY_ORDER(101, "the penalty record cannot follow the ones before"),
  /**
   * A burn, or a deposit's end, without a double-spend proof on an escrow that it stands behind.
   */
  BURN_WITHOUT_PROOF(102, "no double-spend proof entitles to this deposit"),
  /** A burn spends something else than the registered deposit, or not as the buyer signed. */
  BURN_DIFFERS(103, "the burn is not that of the registered deposit"),
  /** A signature in a burn. */
  BURN_SIGNATURE(104, "a signature of the burn is invalid"),
  /** Inputs are not outputs and fee. */
  BURN_ACCOUNT(105, "the burn's inputs are not its outputs and its fee");

  private final int number;
  private final String meaning;

  AuditFinding(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  /** Stable number. */
  public int number() {
    return number;
  }

  /** One line for people. */
  public String meaning() {
    return meaning;
  }

  /** Whether the record's bytes cannot be relied on, so that nothing behind it is decided again. */
  boolean isStructural() {
    return number < UNKNOWN_TYPE.number;
  }
}
