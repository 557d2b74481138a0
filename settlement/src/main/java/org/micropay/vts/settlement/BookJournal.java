package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Transaction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.OutpointRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/**
 * What the journal says that the books need, read record by record; none of settlement's own folds
 * is used, so that an error there shows. One thread.
 */
public final class BookJournal {
  /** A granted claim. */
  record Grant(long position, Claim claim) {}

  /** Where the journal has a transaction confirmed. */
  record Place(int height, Bytes32 hash) {}

  /** A registered escrow. */
  record Escrow(Terms terms, int fundedHeight) {}

  /** A registered deposit with the keys of an escrow that it stands behind. */
  record Backing(Deposit deposit, Terms terms, int fundedHeight) {}

  final Map<Outpoint, Escrow> escrows = new LinkedHashMap<>();
  final Map<Outpoint, Backing> deposits = new LinkedHashMap<>();
  final Map<Outpoint, Grant> grants = new LinkedHashMap<>();
  final Map<Bytes32, Batch> batches = new LinkedHashMap<>();
  final Map<Bytes32, Burn> burns = new LinkedHashMap<>();
  final Map<Bytes32, Long> splits = new HashMap<>();
  final Map<Bytes32, Transaction> splitTransactions = new LinkedHashMap<>();
  final Map<Bytes32, Place> confirmed = new LinkedHashMap<>();
  final Map<Long, SettlementRecord.ClaimClosed> closed = new LinkedHashMap<>();
  final Map<Long, PenaltyRecord.DepositGone> gone = new LinkedHashMap<>();
  final Map<Outpoint, Bytes32> spent = new LinkedHashMap<>();
  final List<WalletCoins.Coin> openingCoins = new ArrayList<>();
  final List<byte[]> walletScripts = new ArrayList<>();
  final Deque<BlockRef> blocks = new ArrayDeque<>();
  int firstHeight = -1;
  private final Map<Long, Bytes32> attempts = new HashMap<>();
  private final Map<Long, Bytes32> burnAttempts = new HashMap<>();

  /** Takes one record, in the order of the journal. */
  public void read(long position, RecordType type, byte[] payload) {
    switch (type) {
      case REGISTER -> register(payload);
      case GRANT -> grant(position, payload);
      case BLOCK_CONNECTED -> connected(payload);
      case BLOCK_DISCONNECTED -> blocks.pollLast();
      case ESCROW_SPENT ->
          spent.put(outpoint(payload), Bytes32.copyOf(payload, OutpointRecord.SPENDING_TXID));
      case ESCROW_UNSPENT -> spent.remove(outpoint(payload));
      default -> {
        if (type.isSettlement()) {
          settlement(SettlementRecord.decode(type, payload));
        } else if (type.isPenalty()) {
          penalty(PenaltyRecord.decode(type, payload));
        }
      }
    }
  }

  private void register(byte[] payload) {
    ByteBuffer in = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    Registration registration =
        Registration.decode(
            Arrays.copyOfRange(payload, RegisterRecord.REGISTRATION, payload.length));
    Terms terms = registration.terms();
    escrows.put(terms.outpoint(), new Escrow(terms, in.getInt(RegisterRecord.FUNDED_HEIGHT)));
    registration
        .deposit()
        .ifPresent(
            deposit ->
                deposits.putIfAbsent(
                    deposit.outpoint(),
                    new Backing(deposit, terms, in.getInt(RegisterRecord.DEPOSIT_FUNDED_HEIGHT))));
  }

  private void grant(long position, byte[] payload) {
    Claim claim = Claim.decode(Arrays.copyOfRange(payload, GrantRecord.CLAIM, payload.length));
    grants.put(claim.terms().outpoint(), new Grant(position, claim));
  }

  private void connected(byte[] payload) {
    ByteBuffer in = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    int height = in.getInt(BlockRecord.HEIGHT);
    firstHeight = firstHeight < 0 ? height : firstHeight;
    blocks.addLast(
        new BlockRef(
            Bytes32.copyOf(payload, BlockRecord.HASH),
            height,
            Bytes32.copyOf(payload, BlockRecord.PARENT_HASH),
            0));
  }

  private static Outpoint outpoint(byte[] payload) {
    return Outpoint.copyOf(payload, OutpointRecord.OUTPOINT);
  }

  private static long key(int batch, int attempt) {
    return (long) batch << 16 | attempt;
  }

  private void settlement(SettlementRecord entry) {
    switch (entry) {
      case SettlementRecord.BatchStored one -> {
        batches.put(one.content().txid(), one.content());
        attempts.put(key(one.batch(), one.attempt()), one.content().txid());
      }
      case SettlementRecord.BatchConfirmed one ->
          confirmed.put(
              attempts.get(key(one.batch(), one.attempt())),
              new Place(one.height(), one.blockHash()));
      case SettlementRecord.BatchUnconfirmed one ->
          confirmed.remove(attempts.get(key(one.batch(), one.attempt())));
      case SettlementRecord.ClaimClosed one -> closed.put(one.position(), one);
      case SettlementRecord.ClaimReopened one -> closed.remove(one.position());
      case SettlementRecord.WalletSplit one -> {
        Transaction tx = Transactions.parse(one.raw());
        splits.put(Transactions.txid(tx), one.fee());
        splitTransactions.put(Transactions.txid(tx), tx);
      }
      case SettlementRecord.WalletChanged one -> {
        if (one.scanned().length > 0) {
          walletScripts.add(one.scanned());
        }
        openingCoins.addAll(one.added());
      }
      default -> {}
    }
  }

  private void penalty(PenaltyRecord entry) {
    switch (entry) {
      case PenaltyRecord.BurnStored one -> {
        burns.put(one.content().txid(), one.content());
        burnAttempts.put(burnKey(one.proof(), one.attempt()), one.content().txid());
      }
      case PenaltyRecord.BurnConfirmed one ->
          confirmed.put(
              burnAttempts.get(burnKey(one.proof(), one.attempt())),
              new Place(one.height(), one.blockHash()));
      case PenaltyRecord.BurnUnconfirmed one ->
          confirmed.remove(burnAttempts.get(burnKey(one.proof(), one.attempt())));
      case PenaltyRecord.DepositGone one -> gone.put(one.proof(), one);
      case PenaltyRecord.DepositReturned one -> gone.remove(one.proof());
      default -> {}
    }
  }

  private static long burnKey(long proof, int attempt) {
    return Math.multiplyExact(proof, 1L << 16) + attempt;
  }
}
