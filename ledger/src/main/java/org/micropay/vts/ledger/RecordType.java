package org.micropay.vts.ledger;

/**
 * Every kind of journal record. Replaying the records in the order of their positions is a fold
 * over the {@link Ledger} and yields the same state.
 *
 * <p>The numbers are stored as u16: they never change and are never reused. Payloads are drawn in
 * the codec named beside each type; all integers are little-endian.
 *
 * <pre>
 *  1 CONFIG              {@link LedgerPolicy}          in force from here on
 *  2 REGISTER            {@link RegisterRecord}        escrow, optional deposit, chain's evidence
 *  3 GRANT               {@link GrantRecord}           claim id, the whole claim
 *  4 DOUBLE_SPEND        {@link DoubleSpendRecord}     claim id, grant's position, the whole claim
 *  5 BLOCK_CONNECTED     {@link BlockRecord}           height, hash, parent's hash
 *  6 BLOCK_DISCONNECTED  {@link BlockRecord}           height, hash, parent's hash
 *  7 ESCROW_FUNDED       {@link OutpointRecord}        outpoint, height
 *  8 ESCROW_UNFUNDED     {@link OutpointRecord}        outpoint, height
 *  9 ESCROW_SPENT        {@link OutpointRecord}        outpoint, height, spending txid
 * 10 ESCROW_UNSPENT      {@link OutpointRecord}        outpoint, height
 * 11 TICK                {@link TickRecord}            empty, or the tip seen once more
 * 12 STATE_DIGEST        {@link StateDigestRecord}     state before this record
 * 13 OPERATOR_OVERRIDE   owned by the appliance          opaque here
 * 20 .. 28 settlement's    owned by settlement           opaque here
 * 30 .. 31 the log's       owned by transparency         opaque here
 * 40 .. 46 settlement's    owned by settlement           opaque here
 * 50 .. 56 penalty's       owned by settlement           opaque here
 * </pre>
 */
public enum RecordType {
  /** The policy in force from this record on; always the first record. */
  CONFIG(1),
  /** A new escrow. */
  REGISTER(2),
  /** The first winning claim on an escrow. */
  GRANT(3),
  /** The first proof that a granted escrow was spent on a second winning claim. */
  DOUBLE_SPEND(4),
  /** A block was put on the tip. */
  BLOCK_CONNECTED(5),
  /** The tip was taken off in a reorganisation. */
  BLOCK_DISCONNECTED(6),
  /** A registered output was (re-)confirmed. */
  ESCROW_FUNDED(7),
  /** A registered output lost its confirmation. */
  ESCROW_UNFUNDED(8),
  /** A registered output was spent by a confirmed transaction. */
  ESCROW_SPENT(9),
  /** The spend lost its confirmation. */
  ESCROW_UNSPENT(10),
  /** The clock moved on, or the chain was seen to have the same tip still. */
  TICK(11),
  /** The ledger's state digest, a check of determinism. */
  STATE_DIGEST(12),
  /** Journal: an operator let a start pass that would have been refused. */
  OPERATOR_OVERRIDE(13),
  /** Settlement: the bytes of a batch, stored before its broadcast. */
  BATCH_STORED(20),
  /** Settlement: a batch was broadcast. */
  BATCH_BROADCAST(21),
  /** Settlement: a batch was confirmed. */
  BATCH_CONFIRMED(22),
  /** Settlement: a batch lost its confirmation. */
  BATCH_UNCONFIRMED(23),
  /** Settlement: a batch was given up. */
  BATCH_ABANDONED(24),
  /** Settlement: a claim ended outside the batches, paid elsewhere or lost. */
  CLAIM_CLOSED(25),
  /** Settlement: that end was undone in a reorganisation. */
  CLAIM_REOPENED(26),
  /** Settlement: a batch is buried deep enough. */
  BATCH_FINAL(27),
  /** Settlement: the fee wallet splits a coin; the bytes, before their broadcast. */
  WALLET_SPLIT(28),
  /** Transparency log: a tree head that the log key signed, stored before it is published. */
  CHECKPOINT(30),
  /** Transparency log: a witness's cosignature on a checkpoint. */
  COSIGNATURE(31),
  /** Settlement: the funding of a granted escrow was undone in a reorganisation. */
  CLAIM_UNFUNDED(40),
  /** Settlement: it is confirmed again. */
  CLAIM_FUNDED(41),
  /** Settlement: what the operator has set while the server runs. */
  OPERATOR_SETTINGS(42),
  /** Settlement: the fee wallet's split was confirmed. */
  SPLIT_CONFIRMED(43),
  /** Settlement: it lost its confirmation. */
  SPLIT_UNCONFIRMED(44),
  /** Settlement: coins that came to the fee wallet and left it. */
  WALLET_COINS(45),
  /** Settlement: the fee wallet's blocks from a height on were undone. */
  WALLET_UNDONE(46),
  /** Penalty: the bytes of a burn, stored before its broadcast. */
  BURN_STORED(50),
  /** Penalty: a burn was broadcast. */
  BURN_BROADCAST(51),
  /** Penalty: a burn was confirmed. */
  BURN_CONFIRMED(52),
  /** Penalty: a burn lost its confirmation. */
  BURN_UNCONFIRMED(53),
  /** Penalty: a burn is buried deep enough. */
  BURN_FINAL(54),
  /** Penalty: a deposit was spent by a transaction of others. */
  DEPOSIT_GONE(55),
  /** Penalty: that spend was undone in a reorganisation. */
  DEPOSIT_RETURNED(56);

  private static final int LAST_BEFORE_SETTLEMENT = 19;
  private static final int TRANSPARENCY_FROM = 30;
  private static final int SETTLEMENT_AGAIN_FROM = 40;
  private static final int PENALTY_FROM = 50;
  private static final RecordType[] BY_NUMBER = new RecordType[60];

  static {
    for (RecordType type : values()) {
      BY_NUMBER[type.number] = type;
    }
  }

  private final int number;

  RecordType(int number) {
    this.number = number;
  }

  /** The u16 that is stored. */
  public int number() {
    return number;
  }

  /** Whether the record belongs to settlement. */
  public boolean isSettlement() {
    return number > LAST_BEFORE_SETTLEMENT && number < TRANSPARENCY_FROM
        || number >= SETTLEMENT_AGAIN_FROM && number < PENALTY_FROM;
  }

  /** Whether the record belongs to the transparency log. */
  public boolean isTransparencyLog() {
    return number >= TRANSPARENCY_FROM && number < SETTLEMENT_AGAIN_FROM;
  }

  /** Whether the record belongs to settlement's penalties. */
  public boolean isPenalty() {
    return number >= PENALTY_FROM && number < BY_NUMBER.length;
  }

  /** Whether the record says nothing to the ledger, which only counts it. */
  public boolean isOpaque() {
    return number > STATE_DIGEST.number;
  }

  /** The type with this number, or null when there is none. */
  public static RecordType ofNumber(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }
}
