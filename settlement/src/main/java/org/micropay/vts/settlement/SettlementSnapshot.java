package org.micropay.vts.settlement;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.collections.LongArrayList;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Settlement's state as bytes: what may still change, and sums of what may not. Transactions are
 * there {@link SettlementState#HORIZON} blocks beyond their finality, no longer. Big-endian, but
 * for payloads of records, which are as in the journal.
 *
 * <pre>
 *  through u64 | open u32 x position u64, rising: every grant up to through is final but these
 *  settled u64 | 3 x u64 claims by ClaimOutcome
 *  closed   u32 x ( length u32 | payload of CLAIM_CLOSED ), by position
 *  unfunded u32 x ( length u32 | payload of CLAIM_UNFUNDED ), by position
 *  nextBatch u32 | escrows u64 | wallet u64 | payouts u64 | change u64 | fees u64
 *  batches  u32 x ( status u8 | confirmedAttempt i32 | height u32 | blockHash 32
 *                 | sent u16 x attempt u16 | attempts u16 x ( length u32 | payload of BATCH_STORED ))
 *  splitFees u64 | splits u32 x ( height u32 | length u32 | payload of WALLET_SPLIT )
 *  length u32 | payload of OPERATOR_SETTINGS
 *  script u16 x u8 | coins u32 x ( outpoint 36 | value u64 | height u32 | coinbase u8 | spent u32 )
 * </pre>
 *
 * <p>Pure functions of the state.
 */
public final class SettlementSnapshot {
  private SettlementSnapshot() {}

  /**
   * What was read.
   *
   * @param state goes on where the one that was written stood
   * @param open positions of grants that are not final, rising
   */
  public record Restored(SettlementState state, LongArrayList open) {}

  /**
   * Writes a state.
   *
   * @param through position of the last record of the journal that is part of it
   * @param open positions of all grants up to there that are not final, rising
   */
  public static void write(
      SettlementState state, long through, LongArrayList open, DataOutputStream out)
      throws IOException {
    out.writeLong(through);
    out.writeInt(open.size());
    for (int i = 0; i < open.size(); i++) {
      out.writeLong(open.getLong(i));
    }
    writeClaims(state.claims(), out);
    writeBatches(state.batches(), out);
    out.writeLong(state.splits().fees());
    out.writeInt(state.splits().all().size());
    for (SplitLog.Split split : state.splits().all()) {
      out.writeInt(split.height());
      put(out, new SettlementRecord.WalletSplit(split.fee(), split.raw()));
    }
    put(out, new SettlementRecord.OperatorSet(state.settings()));
    writeWallet(state.wallet(), out);
  }

  private static void put(DataOutputStream out, SettlementRecord entry) throws IOException {
    byte[] payload = entry.encode();
    out.writeInt(payload.length);
    out.write(payload);
  }

  private static void writeClaims(ClaimLog claims, DataOutputStream out) throws IOException {
    out.writeLong(claims.settled());
    for (long count : claims.outcomes()) {
      out.writeLong(count);
    }
    putAll(
        out,
        claims.closed().stream()
            .sorted(Comparator.comparingLong(SettlementRecord.ClaimClosed::position)));
    putAll(
        out,
        claims.unfunded().stream()
            .sorted(Comparator.comparingLong(SettlementRecord.ClaimUnfunded::position)));
  }

  private static void putAll(DataOutputStream out, Stream<? extends SettlementRecord> entries)
      throws IOException {
    List<? extends SettlementRecord> list = entries.toList();
    out.writeInt(list.size());
    for (SettlementRecord entry : list) {
      put(out, entry);
    }
  }

  private static void writeBatches(BatchLog batches, DataOutputStream out) throws IOException {
    Account account = batches.account();
    out.writeInt(batches.nextBatch());
    out.writeLong(account.escrows());
    out.writeLong(account.wallet());
    out.writeLong(account.payouts());
    out.writeLong(account.change());
    out.writeLong(account.fees());
    out.writeInt(batches.entries().size());
    for (BatchEntry entry : batches.entries()) {
      out.writeByte(entry.status.ordinal());
      out.writeInt(entry.confirmedAttempt);
      out.writeInt(entry.height);
      out.write(entry.blockHash.toArray());
      out.writeShort(entry.broadcast.size());
      for (int attempt : entry.broadcast.stream().sorted().toList()) {
        out.writeShort(attempt);
      }
      out.writeShort(entry.attempts.size());
      for (int i = 0; i < entry.attempts.size(); i++) {
        put(out, new SettlementRecord.BatchStored(entry.number, i, entry.attempts.get(i)));
      }
    }
  }

  private static void writeWallet(WalletCoins wallet, DataOutputStream out) throws IOException {
    out.writeShort(wallet.script().length);
    out.write(wallet.script());
    out.writeInt(wallet.all().size());
    for (WalletCoins.Coin coin : wallet.all()) {
      out.write(coin.coin().outpoint().encode());
      out.writeLong(coin.coin().value());
      out.writeInt(coin.height());
      out.writeByte(coin.coinbase() ? 1 : 0);
      out.writeInt(coin.spentHeight());
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException when it holds what cannot be
   */
  public static Restored read(DataInputStream in) throws IOException {
    SettlementState state = new SettlementState();
    long through = in.readLong();
    LongArrayList open = new LongArrayList();
    for (int left = in.readInt(); left > 0; left--) {
      open.addLong(in.readLong());
    }
    state.claims().restoreFinal(through, open);
    readClaims(state.claims(), in);
    readBatches(state.batches(), in);
    long splitFees = in.readLong();
    for (int left = in.readInt(); left > 0; left--) {
      int height = in.readInt();
      state
          .splits()
          .restore((SettlementRecord.WalletSplit) take(in, RecordType.WALLET_SPLIT), height);
    }
    state.splits().restoreFees(splitFees);
    state.restore(
        ((SettlementRecord.OperatorSet) take(in, RecordType.OPERATOR_SETTINGS)).settings());
    readWallet(state.wallet(), in);
    return new Restored(state, open);
  }

  private static SettlementRecord take(DataInputStream in, RecordType type) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > SettlementRecord.MAX_LENGTH) {
      throw new IllegalArgumentException(type + " of " + length + " bytes");
    }
    byte[] payload = new byte[length];
    in.readFully(payload);
    return SettlementRecord.decode(type, payload);
  }

  private static void readClaims(ClaimLog claims, DataInputStream in) throws IOException {
    long settled = in.readLong();
    long[] outcomes = new long[ClaimOutcome.values().length];
    for (int i = 0; i < outcomes.length; i++) {
      outcomes[i] = in.readLong();
    }
    claims.restore(settled, outcomes);
    for (int left = in.readInt(); left > 0; left--) {
      claims.restore((SettlementRecord.ClaimClosed) take(in, RecordType.CLAIM_CLOSED));
    }
    for (int left = in.readInt(); left > 0; left--) {
      claims.unfund((SettlementRecord.ClaimUnfunded) take(in, RecordType.CLAIM_UNFUNDED));
    }
  }

  private static void readBatches(BatchLog batches, DataInputStream in) throws IOException {
    int next = in.readInt();
    batches.restore(
        next,
        new Account(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong()));
    for (int left = in.readInt(); left > 0; left--) {
      batches.restore(readBatch(in));
    }
  }

  private static BatchEntry readBatch(DataInputStream in) throws IOException {
    BatchEntry.Status[] statuses = BatchEntry.Status.values();
    int status = in.readUnsignedByte();
    if (status >= statuses.length) {
      throw new IllegalArgumentException("a batch of status " + status);
    }
    int confirmedAttempt = in.readInt();
    int height = in.readInt();
    Bytes32 blockHash = hash(in);
    List<Integer> sent = new ArrayList<>();
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      sent.add(in.readUnsignedShort());
    }
    BatchEntry entry = null;
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      SettlementRecord.BatchStored stored =
          (SettlementRecord.BatchStored) take(in, RecordType.BATCH_STORED);
      entry = entry == null ? new BatchEntry(stored.batch()) : entry;
      entry.attempts.add(stored.content());
    }
    if (entry == null) {
      throw new IllegalArgumentException("a batch without a transaction");
    }
    entry.status = statuses[status];
    entry.confirmedAttempt = confirmedAttempt;
    entry.height = height;
    entry.blockHash = blockHash;
    entry.broadcast.addAll(sent);
    return entry;
  }

  private static Bytes32 hash(DataInputStream in) throws IOException {
    byte[] bytes = new byte[Bytes32.LENGTH];
    in.readFully(bytes);
    return Bytes32.of(bytes);
  }

  private static void readWallet(WalletCoins wallet, DataInputStream in) throws IOException {
    byte[] script = new byte[in.readUnsignedShort()];
    in.readFully(script);
    List<WalletCoins.Coin> coins = new ArrayList<>();
    byte[] outpoint = new byte[Outpoint.LENGTH];
    for (int left = in.readInt(); left > 0; left--) {
      in.readFully(outpoint);
      FeeCoin coin = new FeeCoin(Outpoint.decode(outpoint), in.readLong());
      coins.add(new WalletCoins.Coin(coin, in.readInt(), in.readUnsignedByte() != 0, in.readInt()));
    }
    wallet.restore(script, coins);
  }
}
