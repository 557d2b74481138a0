package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The double-entry account of every satoshi, as {@link Bookkeeper} derived it from journal and
 * chain. Immutable.
 *
 * @param fromHeight the first block that was looked at
 * @param toHeight the last one
 * @param journalHeight the block that the journal ends at; later ones are not told to it yet
 * @param transactions in the order of the chain
 * @param grants what became of the granted claims
 * @param differences everything where journal and chain do not agree; empty when all does
 */
public record Books(
    int fromHeight,
    int toHeight,
    int journalHeight,
    List<BookTransaction> transactions,
    Grants grants,
    List<Difference> differences) {

  /**
   * Granted claims by what the chain shows; each is in exactly one.
   *
   * @param granted all
   * @param settled paid by a batch
   * @param elsewhere paid by a transaction of others
   * @param lost whose escrow went elsewhere
   * @param open whose escrow is unspent
   */
  public record Grants(int granted, int settled, int elsewhere, int lost, int open) {}

  /**
   * One disagreement.
   *
   * @param entry which claim, transaction or output
   * @param text what journal and chain say
   */
  public record Difference(String entry, String text) {}

  /** Makes the lists immutable. */
  public Books {
    transactions = List.copyOf(transactions);
    differences = List.copyOf(differences);
  }

  /** Whether everything agrees, to the satoshi. */
  public boolean agrees() {
    return differences.isEmpty();
  }

  /** The balance of every account. */
  public Map<BookAccount, Long> balances() {
    Map<BookAccount, Long> balances = new EnumMap<>(BookAccount.class);
    for (BookAccount account : BookAccount.values()) {
      balances.put(account, 0L);
    }
    for (BookTransaction transaction : transactions) {
      for (BookTransaction.Entry entry : transaction.entries()) {
        balances.merge(entry.account(), entry.amount(), Math::addExact);
      }
    }
    return balances;
  }

  /** One line for each entry: height, txid, kind, account, debit, credit, about (RFC 4180). */
  public List<String> csv() {
    List<String> lines = new ArrayList<>();
    lines.add("height,txid,kind,account,debit,credit,about");
    for (BookTransaction transaction : transactions) {
      for (BookTransaction.Entry entry : transaction.entries()) {
        lines.add(
            "%d,%s,%s,%s,%s,%s,%s"
                .formatted(
                    transaction.height(),
                    transaction.txid().toReversedHex(),
                    transaction.kind(),
                    entry.account(),
                    entry.amount() > 0 ? entry.amount() : "",
                    entry.amount() < 0 ? -entry.amount() : "",
                    entry.about()));
      }
    }
    return lines;
  }
}
