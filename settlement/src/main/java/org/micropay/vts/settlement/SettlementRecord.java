package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Transaction;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * What settlement writes to the journal; {@link SettlementState} folds it. Integers little-endian,
 * hashes in internal byte order, heights u32.
 *
 * <pre>
 * 20 BATCH_STORED       batch u32 | attempt u16 | pairs u16 | coins u16 | zero u16 | change u64
 *                       | fee u64 | txLength u32
 *                       | pairs x ( position u64 | value u64 | refundHeight u32 )
 *                       | coins x ( outpoint 36 | value u64 ) | transaction (BIP 144)
 * 21 BATCH_BROADCAST    batch u32 | attempt u16 | zero u16
 * 22 BATCH_CONFIRMED    batch u32 | attempt u16 | zero u16 | height u32 | blockHash 32
 * 23 BATCH_UNCONFIRMED  batch u32 | attempt u16 | zero u16 | height u32 | blockHash 32
 * 24 BATCH_ABANDONED    batch u32 | reason u16  | zero u16
 * 25 CLAIM_CLOSED       position u64 | outcome u16 | zero u16 | height u32 | value u64
 *                       | outpoint 36 | txid 32
 * 26 CLAIM_REOPENED     position u64
 * 27 BATCH_FINAL        batch u32 | attempt u16 | zero u16 | height u32
 * 28 WALLET_SPLIT       fee u64 | txLength u32 | transaction (BIP 144)
 * </pre>
 *
 * A batch is a set of claims; an attempt is one transaction for it, the first 0, each replacement
 * by fee one more. A transaction of 40,000 weight units has less than 40,000 bytes, so that the
 * longest record stays below 48 KiB.
 */
public sealed interface SettlementRecord {
  /** Longest payload in bytes. */
  int MAX_LENGTH = 48 * 1024;

  /** Which journal record it is. */
  RecordType type();

  /** The payload. */
  byte[] encode();

  /** The bytes of an attempt, stored before its broadcast. */
  record BatchStored(int batch, int attempt, Batch content) implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.BATCH_STORED;
    }

    @Override
    public byte[] encode() {
      int pairs = content.pairs().size();
      int coins = content.feeCoins().size();
      ByteBuffer out = buffer(32 + 20 * pairs + 44 * coins + content.raw().length);
      out.putInt(batch).putShort((short) attempt).putShort((short) pairs);
      out.putShort((short) coins).putShort((short) 0);
      out.putLong(content.change()).putLong(content.fee()).putInt(content.raw().length);
      for (ReleasePair pair : content.pairs()) {
        out.putLong(pair.position()).putLong(pair.value()).putInt(pair.refundHeight());
      }
      for (FeeCoin coin : content.feeCoins()) {
        out.put(coin.outpoint().encode()).putLong(coin.value());
      }
      return out.put(content.raw()).array();
    }

    private static BatchStored decode(ByteBuffer in) {
      int batch = in.getInt();
      int attempt = Short.toUnsignedInt(in.getShort());
      int pairs = Short.toUnsignedInt(in.getShort());
      int coins = Short.toUnsignedInt(in.getShort());
      in.getShort();
      long change = in.getLong();
      long fee = in.getLong();
      byte[] raw = new byte[bounded(in.getInt())];
      int heads = in.position();
      in.position(heads + 20 * pairs);
      List<FeeCoin> feeCoins = new ArrayList<>();
      for (int i = 0; i < coins; i++) {
        feeCoins.add(new FeeCoin(outpoint(in), in.getLong()));
      }
      in.get(raw);
      int end = in.position();
      in.position(heads);
      Transaction tx = Transactions.parse(raw);
      List<ReleasePair> releases = new ArrayList<>();
      for (int i = 0; i < pairs; i++) {
        releases.add(ReleasePair.of(tx, i, in.getLong(), in.getLong(), in.getInt()));
      }
      in.position(end);
      Bytes32 txid = Transactions.txid(tx);
      int vsize = Transactions.vsize(tx);
      return new BatchStored(
          batch, attempt, new Batch(raw, txid, releases, feeCoins, change, fee, vsize));
    }
  }

  /** An attempt was handed to the network. */
  record BatchBroadcast(int batch, int attempt) implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.BATCH_BROADCAST;
    }

    @Override
    public byte[] encode() {
      return head(8, batch, attempt).array();
    }
  }

  /** An attempt is in a block. */
  record BatchConfirmed(int batch, int attempt, int height, Bytes32 blockHash)
      implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.BATCH_CONFIRMED;
    }

    @Override
    public byte[] encode() {
      return head(44, batch, attempt).putInt(height).put(blockHash.toArray()).array();
    }
  }

  /** That block was undone. */
  record BatchUnconfirmed(int batch, int attempt, int height, Bytes32 blockHash)
      implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.BATCH_UNCONFIRMED;
    }

    @Override
    public byte[] encode() {
      return head(44, batch, attempt).putInt(height).put(blockHash.toArray()).array();
    }
  }

  /** A batch is given up; its claims are open again. */
  record BatchAbandoned(int batch, AbandonReason reason) implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.BATCH_ABANDONED;
    }

    @Override
    public byte[] encode() {
      return head(8, batch, reason.number()).array();
    }
  }

  /**
   * A claim ended outside our batches.
   *
   * @param value satoshi in the escrow
   * @param txid the confirmed transaction that spends it
   */
  record ClaimClosed(
      long position, ClaimOutcome outcome, int height, long value, Outpoint outpoint, Bytes32 txid)
      implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.CLAIM_CLOSED;
    }

    @Override
    public byte[] encode() {
      return buffer(92)
          .putLong(position)
          .putShort((short) outcome.number())
          .putShort((short) 0)
          .putInt(height)
          .putLong(value)
          .put(outpoint.encode())
          .put(txid.toArray())
          .array();
    }
  }

  /** The block that ended a claim was undone. */
  record ClaimReopened(long position) implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.CLAIM_REOPENED;
    }

    @Override
    public byte[] encode() {
      return buffer(8).putLong(position).array();
    }
  }

  /** An attempt is deep enough to count as settled. */
  record BatchFinal(int batch, int attempt, int height) implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.BATCH_FINAL;
    }

    @Override
    public byte[] encode() {
      return head(12, batch, attempt).putInt(height).array();
    }
  }

  /**
   * The fee wallet split a coin.
   *
   * @param fee satoshi to the miner
   * @param raw the transaction
   */
  record WalletSplit(long fee, byte[] raw) implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.WALLET_SPLIT;
    }

    @Override
    public byte[] encode() {
      return buffer(12 + raw.length).putLong(fee).putInt(raw.length).put(raw).array();
    }
  }

  /**
   * Reads a payload.
   *
   * @throws IllegalArgumentException when it is not one of that type, to its last byte
   */
  static SettlementRecord decode(RecordType type, byte[] payload) {
    ByteBuffer in = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    try {
      SettlementRecord entry = decode(type, in);
      if (in.hasRemaining()) {
        throw new IllegalArgumentException(in.remaining() + " bytes follow");
      }
      return entry;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "settlement record " + type + ", " + payload.length + " bytes: " + e.getMessage(), e);
    }
  }

  private static SettlementRecord decode(RecordType type, ByteBuffer in) {
    return switch (type) {
      case BATCH_STORED -> BatchStored.decode(in);
      case BATCH_BROADCAST -> new BatchBroadcast(in.getInt(), attempt(in));
      case BATCH_CONFIRMED -> new BatchConfirmed(in.getInt(), attempt(in), in.getInt(), hash(in));
      case BATCH_UNCONFIRMED ->
          new BatchUnconfirmed(in.getInt(), attempt(in), in.getInt(), hash(in));
      case BATCH_ABANDONED -> new BatchAbandoned(in.getInt(), AbandonReason.ofNumber(attempt(in)));
      case CLAIM_CLOSED -> {
        long position = in.getLong();
        ClaimOutcome outcome = ClaimOutcome.ofNumber(attempt(in));
        yield new ClaimClosed(position, outcome, in.getInt(), in.getLong(), outpoint(in), hash(in));
      }
      case CLAIM_REOPENED -> new ClaimReopened(in.getLong());
      case BATCH_FINAL -> new BatchFinal(in.getInt(), attempt(in), in.getInt());
      case WALLET_SPLIT -> {
        long fee = in.getLong();
        byte[] raw = new byte[bounded(in.getInt())];
        in.get(raw);
        yield new WalletSplit(fee, raw);
      }
      default -> throw new IllegalArgumentException("not settlement's");
    };
  }

  private static int attempt(ByteBuffer in) {
    int number = Short.toUnsignedInt(in.getShort());
    in.getShort();
    return number;
  }

  private static int bounded(int length) {
    if (length < 0 || length > MAX_LENGTH) {
      throw new IllegalArgumentException("transaction of " + length + " bytes");
    }
    return length;
  }

  private static Bytes32 hash(ByteBuffer in) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    in.get(bytes);
    return Bytes32.of(bytes);
  }

  private static Outpoint outpoint(ByteBuffer in) {
    byte[] bytes = new byte[Outpoint.LENGTH];
    in.get(bytes);
    return Outpoint.decode(bytes);
  }

  private static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer head(int length, int batch, int number) {
    return buffer(length).putInt(batch).putShort((short) number).putShort((short) 0);
  }
}
