package org.micropay.vts.settlement;

import java.util.List;
import org.micropay.vts.ticket.Bytes32;

/**
 * One Bitcoin transaction in the books. Immutable.
 *
 * @param txid internal byte order; zeros for an opening balance
 * @param height of its block
 * @param kind what it is
 * @param entries debits and credits, which add up to zero
 */
public record BookTransaction(Bytes32 txid, int height, Kind kind, List<Entry> entries) {
  /** What a transaction is to the VTS. */
  public enum Kind {
    /** Outputs that were there before the journal began. */
    OPENING,
    /** Escrows or deposits were funded. */
    FUNDING,
    /** A batch of settlement's. */
    BATCH,
    /** A merchant's own release of granted claims. */
    RELEASE,
    /** A buyer took an escrow or deposit back. */
    REFUND,
    /** A deposit was burnt. */
    BURN,
    /** The fee wallet split a coin. */
    SPLIT,
    /** Coins came to the fee wallet from outside. */
    TOP_UP,
    /** Coins of the fee wallet went where settlement did not send them. */
    WITHDRAWAL
  }

  /**
   * One line.
   *
   * @param account which
   * @param amount satoshi: a debit (into the account) is positive, a credit negative
   * @param about the outpoint or claim it is about, for people
   */
  public record Entry(BookAccount account, long amount, String about) {}

  /**
   * Checks that debits and credits are the same.
   *
   * @throws IllegalArgumentException when they differ
   */
  public BookTransaction {
    entries = List.copyOf(entries);
    long sum = entries.stream().mapToLong(Entry::amount).reduce(0, Math::addExact);
    if (sum != 0) {
      throw new IllegalArgumentException(
          "%s %s at height %d: debits and credits differ by %d satoshi"
              .formatted(kind, txid.toReversedHex(), height, sum));
    }
  }

  /** Satoshi that it moves into one account, net. */
  public long net(BookAccount account) {
    return entries.stream()
        .filter(entry -> entry.account() == account)
        .mapToLong(Entry::amount)
        .reduce(0, Math::addExact);
  }
}
