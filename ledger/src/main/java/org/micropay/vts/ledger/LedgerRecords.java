package org.micropay.vts.ledger;

import org.agrona.DirectBuffer;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.RegistrationView;

/**
 * The ledger's commands in the form of journal records: new ones from the ring ({@link #execute})
 * and old ones from the journal ({@link #apply}), through the same code. Writer only.
 */
final class LedgerRecords {
  private final Ledger ledger;
  private final LedgerState state;
  private final Registrar registrar;
  private final ChainEvents chain;
  private final RecordReader reader = new RecordReader();

  LedgerRecords(Ledger ledger, LedgerState state, Registrar registrar, ChainEvents chain) {
    this.ledger = ledger;
    this.state = state;
    this.registrar = registrar;
    this.chain = chain;
  }

  /** See {@link Ledger#execute}. */
  int execute(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    RecordType known = RecordType.ofNumber(type);
    if (known == null || known == RecordType.GRANT || known == RecordType.DOUBLE_SPEND) {
      throw new IllegalArgumentException("not a command: record type " + type);
    }
    return execute(position, known, timeMillis, payload, offset, length, null, 0);
  }

  private int execute(
      long position,
      RecordType known,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      int length,
      ReplayAhead ahead,
      int index) {
    state.arrive(timeMillis);
    if (!reader.wrap(known, payload, offset, length)) {
      return AnswerCode.MALFORMED.number();
    }
    try {
      return switch (known) {
        case CONFIG ->
            ledger.configure(position, timeMillis, LedgerPolicy.decode(payload, offset, length));
        case REGISTER -> register(position, timeMillis, ahead, index);
        case BLOCK_CONNECTED ->
            chain.blockConnected(
                position,
                timeMillis,
                reader.intAt(BlockRecord.HEIGHT),
                reader.bytes32At(BlockRecord.HASH),
                reader.bytes32At(BlockRecord.PARENT_HASH));
        case BLOCK_DISCONNECTED ->
            chain.blockDisconnected(
                position,
                timeMillis,
                reader.intAt(BlockRecord.HEIGHT),
                reader.bytes32At(BlockRecord.HASH),
                reader.bytes32At(BlockRecord.PARENT_HASH));
        case ESCROW_FUNDED, ESCROW_UNFUNDED, ESCROW_SPENT, ESCROW_UNSPENT ->
            chain.outpointEvent(
                position,
                timeMillis,
                known,
                reader.bytes(),
                OutpointRecord.OUTPOINT,
                reader.intAt(OutpointRecord.HEIGHT));
        case TICK ->
            length == 0
                ? chain.tick(position, timeMillis)
                : chain.tickWithTip(
                    position,
                    timeMillis,
                    reader.intAt(TickRecord.HEIGHT),
                    reader.bytes32At(TickRecord.HASH));
        case STATE_DIGEST -> checkDigest(position, timeMillis, payload, offset);
        default -> opaque(position, timeMillis, known);
      };
    } catch (ProtocolException e) {
      return e.code().number();
    }
  }

  private int register(long position, long timeMillis, ReplayAhead ahead, int index) {
    RegistrationView registration = reader.registration();
    int objection = registration.checkWellFormed();
    if (objection != ClaimRules.ACCEPTED) {
      return objection;
    }
    byte[] bytes = reader.bytes();
    return registrar.register(
        position,
        timeMillis,
        registration,
        reader.intAt(RegisterRecord.FUNDED_HEIGHT),
        reader.intAt(RegisterRecord.DEPOSIT_FUNDED_HEIGHT),
        bytes,
        RegisterRecord.SEEN_AT_TIP,
        ahead == null
            ? state.fingerprint(bytes, registration.outpointOffset(), EscrowTable.KEY_LENGTH)
            : ahead.outpointHash(index),
        ahead == null ? Registrar.UNHASHED : ahead.termsHash(index));
  }

  private int checkDigest(long position, long timeMillis, DirectBuffer payload, int offset) {
    long low = StateDigestRecord.low(payload, offset);
    long high = StateDigestRecord.high(payload, offset);
    if (low != state.digestLow() || high != state.digestHigh()) {
      throw new LedgerMismatchException(
          position,
          RecordType.STATE_DIGEST.number(),
          "digest %016x%016x".formatted(high, low),
          "%016x%016x".formatted(state.digestHigh(), state.digestLow()));
    }
    state.requireNext(position, RecordType.STATE_DIGEST);
    state.digestTaken(position);
    state.commit(position, timeMillis, RecordType.STATE_DIGEST);
    return ClaimRules.ACCEPTED;
  }

  /** Settlement's and the log's records are opaque: they only take a position, move the clock. */
  private int opaque(long position, long timeMillis, RecordType type) {
    state.requireNext(position, type);
    state.commit(position, timeMillis, type);
    return ClaimRules.ACCEPTED;
  }

  /** See {@link Ledger#apply}; without {@code ahead} when it is null. */
  void apply(
      long position,
      int type,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      int length,
      ReplayAhead ahead,
      int index) {
    RecordType known = RecordType.ofNumber(type);
    if (known == null) {
      throw new LedgerMismatchException(position, type, "a known type", "type " + type);
    }
    if (position != state.lastPosition() + 1) {
      throw new LedgerMismatchException(
          position, type, "position " + (state.lastPosition() + 1), "position " + position);
    }
    int code =
        known == RecordType.GRANT || known == RecordType.DOUBLE_SPEND
            ? redecide(position, known, timeMillis, payload, offset, length, ahead, index)
            : replayCommand(position, known, timeMillis, payload, offset, length, ahead, index);
    if (state.journalType() != type) {
      throw new LedgerMismatchException(
          position,
          type,
          known + " again",
          describe(code) + " at position " + state.receiptPosition());
    }
    if (known == RecordType.DOUBLE_SPEND
        && DoubleSpendRecord.grantPosition(payload, offset) != ledger.grantPosition()) {
      throw new LedgerMismatchException(
          position,
          type,
          "a grant at position " + DoubleSpendRecord.grantPosition(payload, offset),
          "one at " + ledger.grantPosition());
    }
  }

  private int replayCommand(
      long position,
      RecordType type,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      int length,
      ReplayAhead ahead,
      int index) {
    try {
      return execute(position, type, timeMillis, payload, offset, length, ahead, index);
    } catch (IllegalArgumentException e) {
      throw new LedgerMismatchException(
          position, type.number(), "a policy to go on under", e.getMessage());
    }
  }

  private int redecide(
      long position,
      RecordType type,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      int length,
      ReplayAhead ahead,
      int index) {
    int claimStart = type == RecordType.GRANT ? GrantRecord.CLAIM : DoubleSpendRecord.CLAIM;
    int objection = reader.wrapClaim(payload, offset, length, claimStart);
    if (objection != ClaimRules.ACCEPTED) {
      throw new LedgerMismatchException(
          position, type.number(), "a well-formed claim", describe(objection));
    }
    return ahead == null
        ? ledger.decide(position, timeMillis, reader.claim(), reader.bytes(), GrantRecord.CLAIM_ID)
        : ledger.decide(
            position,
            timeMillis,
            reader.claim(),
            ahead.outpointHash(index),
            reader.bytes(),
            GrantRecord.CLAIM_ID,
            ahead.claimIdHash(index));
  }

  private static String describe(int code) {
    return AnswerCode.isKnown(code) ? AnswerCode.ofNumber(code).name() : "code " + code;
  }
}
