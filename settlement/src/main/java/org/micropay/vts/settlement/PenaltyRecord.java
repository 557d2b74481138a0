package org.micropay.vts.settlement;

import static org.micropay.vts.settlement.RecordBytes.buffer;
import static org.micropay.vts.settlement.RecordBytes.hash;
import static org.micropay.vts.settlement.RecordBytes.number;
import static org.micropay.vts.settlement.RecordBytes.outpoint;
import static org.micropay.vts.settlement.RecordBytes.transactionLength;

import fr.acinq.bitcoin.Transaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * What the penalty writes to the journal; {@link PenaltyState} folds it. Integers little-endian,
 * hashes in internal byte order, heights u32. A burn is named by the journal position of the
 * double-spend proof that brought it about; an attempt is one transaction for it, the first 0.
 *
 * <pre>
 * 50 BURN_STORED        proof u64 | value u64 | change u64 | refundHeight u32 | attempt u16
 *                       | coins u16 | txLength u32 | coins x ( outpoint 36 | value u64 )
 *                       | transaction (BIP 144)
 * 51 BURN_BROADCAST     proof u64 | attempt u16 | zero u16
 * 52 BURN_CONFIRMED     proof u64 | attempt u16 | zero u16 | height u32 | blockHash 32
 * 53 BURN_UNCONFIRMED   proof u64 | attempt u16 | zero u16 | height u32 | blockHash 32
 * 54 BURN_FINAL         proof u64 | height u32
 * 55 DEPOSIT_GONE       proof u64 | outcome u16 | zero u16 | height u32 | value u64
 *                       | outpoint 36 | txid 32
 * 56 DEPOSIT_RETURNED   proof u64
 * </pre>
 */
public sealed interface PenaltyRecord {
  /** Which journal record it is. */
  RecordType type();

  /** The payload. */
  byte[] encode();

  /** Position of the double-spend proof. */
  long proof();

  /** The bytes of an attempt, stored before its broadcast. */
  record BurnStored(long proof, int attempt, Burn content) implements PenaltyRecord {
    @Override
    public RecordType type() {
      return RecordType.BURN_STORED;
    }

    @Override
    public byte[] encode() {
      int coins = content.feeCoins().size();
      ByteBuffer out = buffer(36 + 44 * coins + content.raw().length);
      out.putLong(proof).putLong(content.pair().value()).putLong(content.change());
      out.putInt(content.pair().refundHeight()).putShort((short) attempt).putShort((short) coins);
      out.putInt(content.raw().length);
      for (FeeCoin coin : content.feeCoins()) {
        out.put(coin.outpoint().encode()).putLong(coin.value());
      }
      return out.put(content.raw()).array();
    }

    private static BurnStored decode(ByteBuffer in) {
      long proof = in.getLong();
      long value = in.getLong();
      long change = in.getLong();
      int refundHeight = in.getInt();
      int attempt = Short.toUnsignedInt(in.getShort());
      int coins = Short.toUnsignedInt(in.getShort());
      int length = transactionLength(in);
      List<FeeCoin> feeCoins = new ArrayList<>();
      for (int i = 0; i < coins; i++) {
        feeCoins.add(new FeeCoin(outpoint(in), in.getLong()));
      }
      byte[] raw = new byte[length];
      in.get(raw);
      Transaction tx = Transactions.parse(raw);
      return new BurnStored(
          proof,
          attempt,
          new Burn(
              raw,
              Transactions.txid(tx),
              BurnPair.of(tx, value, refundHeight),
              feeCoins,
              change,
              Transactions.vsize(tx)));
    }
  }

  /** An attempt was handed to the network. */
  record BurnBroadcast(long proof, int attempt) implements PenaltyRecord {
    @Override
    public RecordType type() {
      return RecordType.BURN_BROADCAST;
    }

    @Override
    public byte[] encode() {
      return head(12, proof, attempt).array();
    }
  }

  /** An attempt is in a block. */
  record BurnConfirmed(long proof, int attempt, int height, Bytes32 blockHash)
      implements PenaltyRecord {
    @Override
    public RecordType type() {
      return RecordType.BURN_CONFIRMED;
    }

    @Override
    public byte[] encode() {
      return head(48, proof, attempt).putInt(height).put(blockHash.toArray()).array();
    }
  }

  /** That block was undone. */
  record BurnUnconfirmed(long proof, int attempt, int height, Bytes32 blockHash)
      implements PenaltyRecord {
    @Override
    public RecordType type() {
      return RecordType.BURN_UNCONFIRMED;
    }

    @Override
    public byte[] encode() {
      return head(48, proof, attempt).putInt(height).put(blockHash.toArray()).array();
    }
  }

  /** The burn is deep enough to count as done. */
  record BurnFinal(long proof, int height) implements PenaltyRecord {
    @Override
    public RecordType type() {
      return RecordType.BURN_FINAL;
    }

    @Override
    public byte[] encode() {
      return buffer(12).putLong(proof).putInt(height).array();
    }
  }

  /**
   * A transaction of others spent the deposit.
   *
   * @param value satoshi in the deposit
   * @param txid the confirmed transaction that spends it
   */
  record DepositGone(
      long proof, DepositOutcome outcome, int height, long value, Outpoint outpoint, Bytes32 txid)
      implements PenaltyRecord {
    @Override
    public RecordType type() {
      return RecordType.DEPOSIT_GONE;
    }

    @Override
    public byte[] encode() {
      return head(92, proof, outcome.number())
          .putInt(height)
          .putLong(value)
          .put(outpoint.encode())
          .put(txid.toArray())
          .array();
    }
  }

  /** The block that spent the deposit was undone. */
  record DepositReturned(long proof) implements PenaltyRecord {
    @Override
    public RecordType type() {
      return RecordType.DEPOSIT_RETURNED;
    }

    @Override
    public byte[] encode() {
      return buffer(8).putLong(proof).array();
    }
  }

  /**
   * Reads a payload.
   *
   * @throws IllegalArgumentException when it is not one of that type, to its last byte
   */
  static PenaltyRecord decode(RecordType type, byte[] payload) {
    return RecordBytes.read("penalty", type, payload, in -> decode(type, in));
  }

  private static PenaltyRecord decode(RecordType type, ByteBuffer in) {
    return switch (type) {
      case BURN_STORED -> BurnStored.decode(in);
      case BURN_BROADCAST -> new BurnBroadcast(in.getLong(), number(in));
      case BURN_CONFIRMED -> new BurnConfirmed(in.getLong(), number(in), in.getInt(), hash(in));
      case BURN_UNCONFIRMED -> new BurnUnconfirmed(in.getLong(), number(in), in.getInt(), hash(in));
      case BURN_FINAL -> new BurnFinal(in.getLong(), in.getInt());
      case DEPOSIT_GONE ->
          new DepositGone(
              in.getLong(),
              DepositOutcome.ofNumber(number(in)),
              in.getInt(),
              in.getLong(),
              outpoint(in),
              hash(in));
      case DEPOSIT_RETURNED -> new DepositReturned(in.getLong());
      default -> throw new IllegalArgumentException("not the penalty's");
    };
  }

  private static ByteBuffer head(int length, long proof, int number) {
    return buffer(length).putLong(proof).putShort((short) number).putShort((short) 0);
  }
}
