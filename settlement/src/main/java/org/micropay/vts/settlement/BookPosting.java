package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.micropay.vts.settlement.BookTransaction.Entry;
import org.micropay.vts.settlement.BookTransaction.Kind;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.Outpoint;

/**
 * Posts one transaction of the chain to the books: what it takes from our accounts, where that
 * goes, and what is left for the miner. The fee is counted twice, as what the entries leave over
 * and as inputs less outputs, wherever all inputs are known. Used once.
 */
final class BookPosting {
  private final BookJournal journal;
  private final BookHoldings holdings;
  private final Set<ByteVector> walletScripts;
  private final Transaction tx;
  private final Bytes32 txid;
  private final int height;
  private final BookHoldings.Differences differences;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<Outpoint, Boolean> spent = new LinkedHashMap<>();
  private int foreignInputs;
  private long knownIn;
  private long left;
  private long allowances;
  private long walletIn;
  private long walletOut;
  private boolean paid;
  private boolean refunded;
  private boolean burnt;
  private boolean funded;

  BookPosting(
      BookJournal journal,
      BookHoldings holdings,
      Set<ByteVector> walletScripts,
      Transaction tx,
      int height,
      BookHoldings.Differences differences) {
    this.journal = journal;
    this.holdings = holdings;
    this.walletScripts = walletScripts;
    this.tx = tx;
    this.txid = Transactions.txid(tx);
    this.height = height;
    this.differences = differences;
  }

  /** Escrows and deposits that it spends, and whether a granted claim is paid from them. */
  Map<Outpoint, Boolean> spent() {
    return spent;
  }

  /** Empty when it touches nothing of ours. */
  Optional<BookTransaction> post() {
    for (int i = 0; i < tx.txIn.size(); i++) {
      input(i, Transactions.outpoint(tx.txIn.get(i).outPoint));
    }
    for (int i = 0; i < tx.txOut.size(); i++) {
      output(tx.txOut.get(i), new Outpoint(txid, i));
    }
    if (entries.isEmpty()) {
      return Optional.empty();
    }
    if (allowances > 0) {
      add(BookAccount.FEE_ALLOWANCES, allowances, "of the escrows");
      add(BookAccount.FEE_ALLOWANCES, -allowances, "to the transaction");
    }
    Kind kind = kind();
    remainder(kind);
    return Optional.of(new BookTransaction(txid, height, kind, entries));
  }

  private void add(BookAccount account, long amount, Object about) {
    entries.add(new Entry(account, amount, about.toString()));
  }

  private void input(int index, Outpoint outpoint) {
    Long escrow = holdings.escrows.remove(outpoint);
    Long deposit = holdings.deposits.remove(outpoint);
    Long coin = holdings.wallet.remove(outpoint);
    if (escrow != null) {
      knownIn = Math.addExact(knownIn, escrow);
      add(BookAccount.ESCROWS, -escrow, outpoint);
      escrow(index, outpoint, escrow);
    } else if (deposit != null) {
      knownIn = Math.addExact(knownIn, deposit);
      add(BookAccount.DEPOSITS, -deposit, outpoint);
      deposit(index, outpoint, deposit);
    } else if (coin != null) {
      knownIn = Math.addExact(knownIn, coin);
      walletIn = Math.addExact(walletIn, coin);
      add(BookAccount.WALLET, -coin, outpoint);
    } else {
      foreignInputs++;
    }
  }

  private void escrow(int index, Outpoint outpoint, long value) {
    BookJournal.Grant grant = journal.grants.get(outpoint);
    TxOut beside = index < tx.txOut.size() ? tx.txOut.get(index) : null;
    boolean pays = grant != null && beside != null && pays(beside, grant.claim());
    spent.put(outpoint, pays);
    if (pays) {
      paid = true;
      long payout = Transactions.value(beside);
      add(BookAccount.PAYOUTS, payout, "claim at " + grant.position());
      allowances = Math.addExact(allowances, value - payout);
      return;
    }
    refunded = true;
    add(BookAccount.REFUNDS, value, outpoint);
    if (isRelease(index)) {
      differences.differ(
          "escrow " + outpoint,
          "%s releases it with the VTS's signature, but pays no granted claim",
          txid.toReversedHex());
    }
  }

  /** A refund's first witness item is empty; a release holds the VTS's signature there. */
  private boolean isRelease(int index) {
    List<ByteVector> witness = tx.txIn.get(index).witness.stack;
    return witness.size() == 3 && witness.getFirst().size() > 0;
  }

  private static boolean pays(TxOut out, Claim claim) {
    return Transactions.value(out) == claim.terms().payout()
        && Arrays.equals(Transactions.script(out), claim.payoutScript().toArray());
  }

  private void deposit(int index, Outpoint outpoint, long value) {
    spent.put(outpoint, false);
    TxOut beside = index < tx.txOut.size() ? tx.txOut.get(index) : null;
    boolean burns =
        beside != null
            && Arrays.equals(
                Transactions.script(beside), org.micropay.vts.ticket.Deposit.burnScript());
    if (burns) {
      burnt = true;
      add(BookAccount.BURNED, Transactions.value(beside), outpoint);
    } else {
      refunded = true;
      add(BookAccount.REFUNDS, value, outpoint);
    }
  }

  private void output(TxOut out, Outpoint outpoint) {
    long value = Transactions.value(out);
    BookJournal.Escrow escrow = journal.escrows.get(outpoint);
    BookJournal.Backing backing = journal.deposits.get(outpoint);
    if (walletScripts.contains(out.publicKeyScript)) {
      walletOut = Math.addExact(walletOut, value);
      holdings.wallet.put(outpoint, value);
      add(BookAccount.WALLET, value, outpoint);
    } else if (escrow != null) {
      fund(
          holdings.escrows,
          BookAccount.ESCROWS,
          outpoint,
          out,
          escrow.terms().escrowScript(),
          escrow.terms().value());
    } else if (backing != null) {
      fund(
          holdings.deposits,
          BookAccount.DEPOSITS,
          outpoint,
          out,
          backing.deposit().escrowScript(backing.terms()),
          backing.deposit().value());
    }
  }

  private void fund(
      Map<Outpoint, Long> into,
      BookAccount account,
      Outpoint outpoint,
      TxOut out,
      EscrowScript script,
      long value) {
    boolean asRegistered =
        Transactions.value(out) == value
            && Arrays.equals(Transactions.script(out), script.scriptPubKey().toArray());
    if (!asRegistered) {
      differences.differ(
          "output " + outpoint, "holds %d satoshi, not as registered", Transactions.value(out));
      return;
    }
    funded = true;
    into.put(outpoint, value);
    add(account, value, outpoint);
    add(BookAccount.BUYERS, -value, outpoint);
  }

  private Kind kind() {
    if (journal.batches.containsKey(txid)) {
      return Kind.BATCH;
    }
    if (burnt) {
      return Kind.BURN;
    }
    if (journal.splits.containsKey(txid)) {
      return Kind.SPLIT;
    }
    if (paid || refunded) {
      return paid ? Kind.RELEASE : Kind.REFUND;
    }
    if (walletIn > 0) {
      return Kind.WITHDRAWAL;
    }
    return funded ? Kind.FUNDING : Kind.TOP_UP;
  }

  /** Posts what the entries leave over: fees, and what went out of the books' sight. */
  private void remainder(Kind kind) {
    left = -entries.stream().mapToLong(Entry::amount).reduce(0, Math::addExact);
    long rest = left;
    if (foreignInputs == 0 && !tx.isCoinbase() && !refunded && !funded) {
      long fee = Math.subtractExact(knownIn, Transactions.outputSum(tx));
      add(BookAccount.FEES, fee, txid.toReversedHex());
      rest = Math.subtractExact(left, fee);
      checkOwn(kind, fee, rest);
    } else if (isOwn(kind)) {
      differences.differ(
          "transaction " + txid.toReversedHex(),
          "settlement's %s has %d inputs that are neither escrow, deposit nor fee coin",
          kind,
          foreignInputs);
    }
    if (rest != 0) {
      boolean operator = kind == Kind.WITHDRAWAL || kind == Kind.TOP_UP || kind == Kind.FUNDING;
      add(operator ? BookAccount.OPERATOR : BookAccount.ELSEWHERE, rest, txid.toReversedHex());
    }
  }

  private boolean isOwn(Kind kind) {
    return kind == Kind.BATCH || kind == Kind.SPLIT || journal.burns.containsKey(txid);
  }

  /** Fee and change of our own transactions are what the journal stored before the broadcast. */
  private void checkOwn(Kind kind, long fee, long rest) {
    if (!isOwn(kind)) {
      return;
    }
    Batch batch = journal.batches.get(txid);
    Burn burn = journal.burns.get(txid);
    long storedFee =
        batch != null ? batch.fee() : burn != null ? burn.fee() : journal.splits.get(txid);
    long storedChange = batch != null ? batch.change() : burn != null ? burn.change() : walletOut;
    if (rest != 0 || fee != storedFee || walletOut != storedChange) {
      differences.differ(
          "transaction " + txid.toReversedHex(),
          "%s: fee %d and change %d on the chain, %d and %d in the journal, %d unaccounted",
          kind,
          fee,
          walletOut,
          storedFee,
          storedChange,
          rest);
    }
  }
}
