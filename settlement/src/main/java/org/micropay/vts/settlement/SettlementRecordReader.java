package org.micropay.vts.settlement;

import static org.micropay.vts.settlement.RecordBytes.hash;
import static org.micropay.vts.settlement.RecordBytes.number;
import static org.micropay.vts.settlement.RecordBytes.outpoint;
import static org.micropay.vts.settlement.RecordBytes.transactionLength;

import fr.acinq.bitcoin.Transaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/** Reads the payloads that {@link SettlementRecord} draws. Pure functions. */
final class SettlementRecordReader {
  private SettlementRecordReader() {}

  /** See {@link SettlementRecord#decode}. */
  static SettlementRecord read(RecordType type, byte[] payload) {
    return RecordBytes.read("settlement", type, payload, in -> decode(type, in));
  }

  private static SettlementRecord decode(RecordType type, ByteBuffer in) {
    return switch (type) {
      case BATCH_STORED -> batchStored(in);
      case BATCH_BROADCAST -> new SettlementRecord.BatchBroadcast(in.getInt(), number(in));
      case BATCH_CONFIRMED ->
          new SettlementRecord.BatchConfirmed(in.getInt(), number(in), in.getInt(), hash(in));
      case BATCH_UNCONFIRMED ->
          new SettlementRecord.BatchUnconfirmed(in.getInt(), number(in), in.getInt(), hash(in));
      case BATCH_ABANDONED ->
          new SettlementRecord.BatchAbandoned(in.getInt(), AbandonReason.ofNumber(number(in)));
      case CLAIM_CLOSED -> {
        long position = in.getLong();
        ClaimOutcome outcome = ClaimOutcome.ofNumber(number(in));
        yield new SettlementRecord.ClaimClosed(
            position, outcome, in.getInt(), in.getLong(), outpoint(in), hash(in));
      }
      case CLAIM_REOPENED -> new SettlementRecord.ClaimReopened(in.getLong());
      case BATCH_FINAL -> new SettlementRecord.BatchFinal(in.getInt(), number(in), in.getInt());
      case WALLET_SPLIT -> {
        long fee = in.getLong();
        byte[] raw = new byte[transactionLength(in)];
        in.get(raw);
        yield new SettlementRecord.WalletSplit(fee, raw);
      }
      case CLAIM_UNFUNDED -> {
        long position = in.getLong();
        int height = in.getInt();
        yield new SettlementRecord.ClaimUnfunded(
            position, height, in.getLong(), outpoint(in), hash(in));
      }
      case CLAIM_FUNDED -> new SettlementRecord.ClaimFunded(in.getLong());
      case OPERATOR_SETTINGS -> {
        boolean paused = in.getInt() != 0;
        long rate = in.getLong();
        Optional<FeeRate> fixed = rate == 0 ? Optional.empty() : Optional.of(new FeeRate(rate));
        yield new SettlementRecord.OperatorSet(new OperatorSettings(paused, fixed));
      }
      case SPLIT_CONFIRMED -> {
        int height = in.getInt();
        yield new SettlementRecord.SplitConfirmed(hash(in), height);
      }
      case SPLIT_UNCONFIRMED -> new SettlementRecord.SplitUnconfirmed(hash(in));
      case WALLET_COINS -> walletChanged(in);
      case WALLET_UNDONE -> new SettlementRecord.WalletUndone(in.getInt());
      default -> throw new IllegalArgumentException("not settlement's");
    };
  }

  private static SettlementRecord.BatchStored batchStored(ByteBuffer in) {
    int batch = in.getInt();
    int attempt = Short.toUnsignedInt(in.getShort());
    int pairs = Short.toUnsignedInt(in.getShort());
    int coins = Short.toUnsignedInt(in.getShort());
    in.getShort();
    long change = in.getLong();
    long fee = in.getLong();
    byte[] raw = new byte[transactionLength(in)];
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
    return new SettlementRecord.BatchStored(
        batch, attempt, new Batch(raw, txid, releases, feeCoins, change, fee, vsize));
  }

  private static SettlementRecord.WalletChanged walletChanged(ByteBuffer in) {
    int height = in.getInt();
    in.getShort();
    byte[] scanned = new byte[Short.toUnsignedInt(in.getShort())];
    int added = Short.toUnsignedInt(in.getShort());
    int spent = Short.toUnsignedInt(in.getShort());
    in.get(scanned);
    List<WalletCoins.Coin> coins = new ArrayList<>();
    for (int i = 0; i < added; i++) {
      FeeCoin coin = new FeeCoin(outpoint(in), in.getLong());
      coins.add(new WalletCoins.Coin(coin, in.getInt(), in.get() != 0, WalletCoins.UNSPENT));
    }
    List<Outpoint> gone = new ArrayList<>();
    for (int i = 0; i < spent; i++) {
      gone.add(outpoint(in));
    }
    return new SettlementRecord.WalletChanged(height, scanned, coins, gone);
  }
}
