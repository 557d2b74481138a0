package org.micropay.vts.settlement;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * The penalty's state as bytes. Of a deposit whose end is buried no transaction is left, only what
 * the account needs. Big-endian, but for payloads of records, which are as in the journal.
 *
 * <pre>
 *  u32 x ( proof u64 | outpoint 36 | value u64 | status u8 | confirmedAttempt i32 | height u32
 *        | hash 32 | outcome u16, 0 for none | ownFee u64 | buried u8
 *        | attempts u16 x ( length u32 | payload of BURN_STORED )), by proof
 * </pre>
 *
 * <p>Pure functions of the state.
 */
public final class PenaltySnapshot {
  private PenaltySnapshot() {}

  /** Writes a state. */
  public static void write(PenaltyState state, DataOutputStream out) throws IOException {
    out.writeInt(state.entries().size());
    for (PenaltyState.Entry entry : state.entries()) {
      out.writeLong(entry.proof);
      out.write(entry.deposit.encode());
      out.writeLong(entry.value);
      out.writeByte(entry.status.ordinal());
      out.writeInt(entry.confirmedAttempt);
      out.writeInt(entry.height);
      out.write(entry.hash.toArray());
      out.writeShort(entry.outcome == null ? 0 : entry.outcome.number());
      out.writeLong(entry.ownFee);
      out.writeByte(entry.buried ? 1 : 0);
      out.writeShort(entry.attempts.size());
      for (int i = 0; i < entry.attempts.size(); i++) {
        byte[] payload =
            new PenaltyRecord.BurnStored(entry.proof, i, entry.attempts.get(i)).encode();
        out.writeInt(payload.length);
        out.write(payload);
      }
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException when it holds what cannot be
   */
  public static PenaltyState read(DataInputStream in) throws IOException {
    PenaltyState state = new PenaltyState();
    for (int left = in.readInt(); left > 0; left--) {
      state.restore(readEntry(in));
    }
    return state;
  }

  private static PenaltyState.Entry readEntry(DataInputStream in) throws IOException {
    long proof = in.readLong();
    byte[] outpoint = new byte[Outpoint.LENGTH];
    in.readFully(outpoint);
    PenaltyState.Entry entry =
        new PenaltyState.Entry(proof, Outpoint.decode(outpoint), in.readLong());
    PenaltyState.Status[] statuses = PenaltyState.Status.values();
    int status = in.readUnsignedByte();
    if (status >= statuses.length) {
      throw new IllegalArgumentException("a burn of status " + status);
    }
    entry.status = statuses[status];
    entry.confirmedAttempt = in.readInt();
    entry.height = in.readInt();
    byte[] hash = new byte[Bytes32.LENGTH];
    in.readFully(hash);
    entry.hash = Bytes32.of(hash);
    int outcome = in.readUnsignedShort();
    entry.outcome = outcome == 0 ? null : DepositOutcome.ofNumber(outcome);
    entry.ownFee = in.readLong();
    entry.buried = in.readUnsignedByte() != 0;
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      entry.attempts.add(readBurn(in));
    }
    return entry;
  }

  private static Burn readBurn(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > SettlementRecord.MAX_LENGTH) {
      throw new IllegalArgumentException("a burn of " + length + " bytes");
    }
    byte[] payload = new byte[length];
    in.readFully(payload);
    PenaltyRecord record = PenaltyRecord.decode(RecordType.BURN_STORED, payload);
    return ((PenaltyRecord.BurnStored) record).content();
  }
}
