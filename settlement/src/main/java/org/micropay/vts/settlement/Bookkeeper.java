package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import org.micropay.vts.settlement.BookTransaction.Entry;
import org.micropay.vts.settlement.BookTransaction.Kind;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Derives the books from the chain's blocks and compares them with the journal: what the journal
 * says happened must have happened, to the satoshi, and nothing else. It uses none of settlement's
 * counters and no state of a running server. One thread, used once.
 */
public final class Bookkeeper {
  private static final int RETRIES = 5;

  private final BookJournal journal;
  private final Chain chain;
  private final IntConsumer progress;
  private final Set<ByteVector> walletScripts = new HashSet<>();
  private final BookHoldings holdings = new BookHoldings();
  private final List<BookTransaction> transactions = new ArrayList<>();
  private final List<Books.Difference> differences = new ArrayList<>();
  private final Map<Bytes32, BookJournal.Place> places = new HashMap<>();
  private final Map<Outpoint, BookSpend> spends = new LinkedHashMap<>();
  private int journalHeight;

  /** Who spent an escrow or deposit, and how. */
  record BookSpend(Bytes32 txid, int height, Kind kind, boolean paid) {}

  private Bookkeeper(BookJournal journal, Chain chain, List<byte[]> scripts, IntConsumer progress) {
    this.journal = journal;
    this.chain = chain;
    this.progress = progress;
    scripts.forEach(script -> walletScripts.add(new ByteVector(script)));
    journal.walletScripts.forEach(script -> walletScripts.add(new ByteVector(script)));
  }

  /**
   * Keeps the books of a whole journal.
   *
   * @param walletScripts output scripts of the fee wallet beside those that the journal names
   * @param progress told of each block's height
   * @throws ChainException when the chain does not answer, or lacks a block that is needed
   */
  public static Books keep(
      BookJournal journal, Chain chain, List<byte[]> walletScripts, IntConsumer progress) {
    for (int attempt = 0; ; attempt++) {
      Bookkeeper keeper = new Bookkeeper(journal, chain, walletScripts, progress);
      Optional<Books> books = keeper.books();
      if (books.isPresent()) {
        return books.get();
      }
      if (attempt == RETRIES) {
        throw new ChainException(
            ChainException.Kind.UNAVAILABLE,
            "the chain moved during each of " + attempt + " looks");
      }
    }
  }

  /** Empty when the chain moved meanwhile. */
  private Optional<Books> books() {
    BlockRef known = journal.blocks.peekLast();
    if (known == null) {
      return Optional.of(new Books(0, 0, 0, List.of(), new Books.Grants(0, 0, 0, 0, 0), List.of()));
    }
    journalHeight = known.height();
    BlockRef tip = chain.tip();
    if (!chain.hashAt(known.height()).equals(Optional.of(known.hash()))) {
      differ(
          "block " + known.height(),
          "the journal ends at %s, which the chain does not have there: it is not told of a"
              + " reorganization yet, or this is another chain",
          known.hash().toReversedHex());
    }
    open();
    for (int height = journal.firstHeight + 1; height <= tip.height(); height++) {
      block(height);
      progress.accept(height);
    }
    checkConfirmed();
    checkSpent();
    Books.Grants grants = new BookGrants(journal, spends, holdings, this::differ).check();
    return checkUnspent(tip)
        ? Optional.of(
            new Books(
                journal.firstHeight + 1,
                tip.height(),
                journalHeight,
                transactions,
                grants,
                differences))
        : Optional.empty();
  }

  /** What was on the chain before the first block of the journal. */
  private void open() {
    List<Entry> entries = new ArrayList<>();
    int first = journal.firstHeight;
    journal.escrows.forEach(
        (outpoint, escrow) -> {
          if (escrow.fundedHeight() <= first) {
            holdings.escrows.put(outpoint, escrow.terms().value());
            fund(
                entries, BookAccount.ESCROWS, BookAccount.BUYERS, escrow.terms().value(), outpoint);
          }
        });
    journal.deposits.forEach(
        (outpoint, backing) -> {
          if (backing.fundedHeight() <= first) {
            holdings.deposits.put(outpoint, backing.deposit().value());
            fund(
                entries,
                BookAccount.DEPOSITS,
                BookAccount.BUYERS,
                backing.deposit().value(),
                outpoint);
          }
        });
    for (WalletCoins.Coin coin : journal.openingCoins) {
      Outpoint outpoint = coin.coin().outpoint();
      if (coin.height() <= first
          && holdings.wallet.putIfAbsent(outpoint, coin.coin().value()) == null) {
        fund(entries, BookAccount.WALLET, BookAccount.OPERATOR, coin.coin().value(), outpoint);
      }
    }
    if (!entries.isEmpty()) {
      transactions.add(new BookTransaction(Bytes32.ZERO, first, Kind.OPENING, entries));
    }
  }

  private static void fund(
      List<Entry> entries, BookAccount to, BookAccount from, long value, Outpoint outpoint) {
    entries.add(new Entry(to, value, outpoint.toString()));
    entries.add(new Entry(from, -value, outpoint.toString()));
  }

  private void block(int height) {
    ChainBlock raw =
        chain
            .hashAt(height)
            .flatMap(chain::block)
            .orElseThrow(
                () ->
                    new ChainException(
                        ChainException.Kind.UNAVAILABLE, "the chain shows no block " + height));
    for (Transaction tx : WireReader.block(raw.raw()).tx) {
      BookPosting posting =
          new BookPosting(journal, holdings, walletScripts, tx, height, this::differ);
      posting
          .post()
          .ifPresent(
              made -> {
                transactions.add(made);
                places.put(made.txid(), new BookJournal.Place(height, raw.ref().hash()));
                posting
                    .spent()
                    .forEach(
                        (outpoint, paid) ->
                            spends.put(
                                outpoint, new BookSpend(made.txid(), height, made.kind(), paid)));
              });
    }
  }

  /** Everything that the journal has confirmed stands in that block, and the other way round. */
  private void checkConfirmed() {
    journal.confirmed.forEach(
        (txid, place) -> {
          if (!place.equals(places.get(txid))) {
            differ(
                "transaction " + txid.toReversedHex(),
                "the journal has it confirmed at height %d, the chain %s",
                place.height(),
                places.containsKey(txid) ? "at " + places.get(txid).height() : "nowhere");
          }
        });
    for (BookTransaction transaction : transactions) {
      boolean own =
          journal.batches.containsKey(transaction.txid())
              || journal.burns.containsKey(transaction.txid());
      if (own
          && transaction.height() <= journalHeight
          && !journal.confirmed.containsKey(transaction.txid())) {
        differ(
            "transaction " + transaction.txid().toReversedHex(),
            "the chain has it at height %d, the journal does not",
            transaction.height());
      }
    }
  }

  private void checkSpent() {
    journal.spent.forEach(
        (outpoint, txid) -> {
          BookSpend spend = spends.get(outpoint);
          if (spend == null || !spend.txid().equals(txid)) {
            differ(
                "output " + outpoint,
                "the journal has it spent by %s, the chain %s",
                txid.toReversedHex(),
                spend == null ? "not at all" : "by " + spend.txid().toReversedHex());
          }
        });
    spends.forEach(
        (outpoint, spend) -> {
          if (spend.height() <= journalHeight && !journal.spent.containsKey(outpoint)) {
            differ(
                "output " + outpoint,
                "the chain has it spent by %s at height %d, the journal not at all",
                spend.txid().toReversedHex(),
                spend.height());
          }
        });
    for (PenaltyRecord.DepositGone gone : journal.gone.values()) {
      BookSpend spend = spends.get(gone.outpoint());
      if (spend == null || !spend.txid().equals(gone.txid())) {
        differ(
            "deposit " + gone.outpoint(), "the journal has it %s, the chain not", gone.outcome());
      }
    }
  }

  /** What the books hold is what the chain shows as unspent; false when the tip has moved. */
  private boolean checkUnspent(BlockRef tip) {
    Map<Outpoint, Long> all = holdings.all();
    UtxoAnswer answer = chain.utxos(List.copyOf(all.keySet()));
    if (!answer.tip().hash().equals(tip.hash())) {
      return false;
    }
    all.forEach(
        (outpoint, value) -> {
          Optional<Utxo> utxo = answer.get(outpoint);
          if (utxo.isEmpty() || utxo.get().value() != value) {
            differ(
                "output " + outpoint,
                "the books hold %d satoshi there, the chain %s",
                value,
                utxo.isEmpty() ? "nothing" : utxo.get().value());
          }
        });
    return true;
  }

  private void differ(String entry, String text, Object... values) {
    differences.add(new Books.Difference(entry, text.formatted(values)));
  }
}
