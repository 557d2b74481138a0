package org.micropay.vts.settlement;

import static org.micropay.vts.settlement.RecordBytes.buffer;

import java.nio.ByteBuffer;
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
 * 40 CLAIM_UNFUNDED     position u64 | height u32 | value u64 | outpoint 36 | blockHash 32
 * 41 CLAIM_FUNDED       position u64
 * 42 OPERATOR_SETTINGS  paused u8 | zero u8, u16 | feeRate u64, sat/kvB, 0 for automatic
 * 43 SPLIT_CONFIRMED    height u32 | txid 32
 * 44 SPLIT_UNCONFIRMED  txid 32
 * 45 WALLET_COINS       height u32 | scanned u8 | zero u8 | scriptLength u16 | added u16
 *                       | spent u16 | script
 *                       | added x ( outpoint 36 | value u64 | height u32 | coinbase u8 )
 *                       | spent x outpoint 36
 * 46 WALLET_UNDONE      height u32
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
   * The block that held the escrow of a granted claim was undone. The claim stays granted.
   *
   * @param height of that block
   * @param value satoshi in the escrow
   * @param blockHash of that block; zeros when a crash lost it
   */
  record ClaimUnfunded(long position, int height, long value, Outpoint outpoint, Bytes32 blockHash)
      implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.CLAIM_UNFUNDED;
    }

    @Override
    public byte[] encode() {
      return buffer(88)
          .putLong(position)
          .putInt(height)
          .putLong(value)
          .put(outpoint.encode())
          .put(blockHash.toArray())
          .array();
    }
  }

  /** Its escrow is confirmed again. */
  record ClaimFunded(long position) implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.CLAIM_FUNDED;
    }

    @Override
    public byte[] encode() {
      return buffer(8).putLong(position).array();
    }
  }

  /** What the operator has set while the server runs. */
  record OperatorSet(OperatorSettings settings) implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.OPERATOR_SETTINGS;
    }

    @Override
    public byte[] encode() {
      return buffer(12)
          .putInt(settings.paused() ? 1 : 0)
          .putLong(settings.feeRate().map(FeeRate::satPerKvb).orElse(0L))
          .array();
    }
  }

  /** A split of the fee wallet is in a block. */
  record SplitConfirmed(Bytes32 txid, int height) implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.SPLIT_CONFIRMED;
    }

    @Override
    public byte[] encode() {
      return buffer(36).putInt(height).put(txid.toArray()).array();
    }
  }

  /** That block was undone. */
  record SplitUnconfirmed(Bytes32 txid) implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.SPLIT_UNCONFIRMED;
    }

    @Override
    public byte[] encode() {
      return buffer(32).put(txid.toArray()).array();
    }
  }

  /**
   * Coins that came to the fee wallet and left it.
   *
   * @param height of the block that spends those under {@code spent}, or of the tip of a scan
   * @param scanned the wallet's script when a scan begins anew with these coins; empty otherwise
   */
  record WalletChanged(
      int height, byte[] scanned, List<WalletCoins.Coin> added, List<Outpoint> spent)
      implements SettlementRecord {
    /** Most coins in one record. */
    static final int MAX_COINS = 900;

    @Override
    public RecordType type() {
      return RecordType.WALLET_COINS;
    }

    @Override
    public byte[] encode() {
      ByteBuffer out = buffer(12 + scanned.length + 49 * added.size() + 36 * spent.size());
      out.putInt(height).put((byte) (scanned.length > 0 ? 1 : 0)).put((byte) 0);
      out.putShort((short) scanned.length).putShort((short) added.size());
      out.putShort((short) spent.size()).put(scanned);
      for (WalletCoins.Coin coin : added) {
        out.put(coin.coin().outpoint().encode()).putLong(coin.coin().value());
        out.putInt(coin.height()).put((byte) (coin.coinbase() ? 1 : 0));
      }
      spent.forEach(outpoint -> out.put(outpoint.encode()));
      return out.array();
    }
  }

  /** The wallet's blocks from this height on were undone. */
  record WalletUndone(int height) implements SettlementRecord {
    @Override
    public RecordType type() {
      return RecordType.WALLET_UNDONE;
    }

    @Override
    public byte[] encode() {
      return buffer(4).putInt(height).array();
    }
  }

  /**
   * Reads a payload.
   *
   * @throws IllegalArgumentException when it is not one of that type, to its last byte
   */
  static SettlementRecord decode(RecordType type, byte[] payload) {
    return SettlementRecordReader.read(type, payload);
  }

  private static ByteBuffer head(int length, int batch, int number) {
    return buffer(length).putInt(batch).putShort((short) number).putShort((short) 0);
  }
}
