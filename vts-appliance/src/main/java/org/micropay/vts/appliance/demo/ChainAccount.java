package org.micropay.vts.appliance.demo;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.ScriptFlags;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxHash;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;

/**
 * Adds up a chain's blocks and nothing else: which escrows were paid, to whom, and what the miners
 * took. It knows the escrows and the grants that the clients hold receipts for, and asks no server.
 *
 * <p>A block's fees are counted twice, as inputs less outputs of its transactions and as what its
 * coinbase takes beyond the subsidy, so that "in = out + fees" can fail. One thread, used once.
 */
final class ChainAccount {
  private static final long FIRST_SUBSIDY = 50_0000_0000L;
  private static final int REGTEST_HALVING = 150;

  /**
   * An escrow, and who is to be paid from it.
   *
   * @param outpoint its output
   * @param value satoshi in it
   * @param payee of the granted claim; empty: it must stay unspent
   */
  record Escrow(Outpoint outpoint, long value, Optional<Payee> payee) {}

  /** Exactly {@code payout} satoshi to {@code script}. */
  record Payee(PayoutScript script, long payout) {}

  /**
   * The sums over all batch transactions, in satoshi.
   *
   * @param batches transactions that spend escrows
   * @param claims paid by them
   * @param vbytes of them
   * @param escrows in
   * @param wallet in, from the fee wallet
   * @param payouts out, to merchants
   * @param change out, to the fee wallet
   * @param fees to the miners
   * @param splitFees to the miners, for splitting coins of the fee wallet
   * @param walletBalance unspent coins of the fee wallet at the end
   * @param blocks looked at
   */
  record Sums(
      int batches,
      int claims,
      long vbytes,
      long escrows,
      long wallet,
      long payouts,
      long change,
      long fees,
      long splitFees,
      long walletBalance,
      int blocks) {}

  private final ByteVector feeScript;
  private final Map<OutPoint, Escrow> escrows = new HashMap<>();
  private final Map<OutPoint, TxOut> unspent = new HashMap<>();
  private final Set<OutPoint> paid = new HashSet<>();
  private final Map<PayoutScript, Long> owed = new HashMap<>();
  private final Map<PayoutScript, Long> received = new HashMap<>();
  private final List<String> differences = new ArrayList<>();
  private int batches;
  private long vbytes;
  private long escrowsIn;
  private long walletIn;
  private long payouts;
  private long change;
  private long fees;
  private long splitFees;
  private int height;

  private ChainAccount(byte[] feeScript) {
    this.feeScript = new ByteVector(feeScript);
  }

  /**
   * Goes through all blocks.
   *
   * @param blocks of the best chain from height 1 on, serialized (BIP 144)
   * @param feeScript the fee wallet's output script
   * @param escrows all that were funded
   * @param merchants scripts that nothing else may pay
   */
  static ChainAccount of(
      List<byte[]> blocks, byte[] feeScript, List<Escrow> escrows, List<PayoutScript> merchants) {
    ChainAccount account = new ChainAccount(feeScript);
    merchants.forEach(script -> account.owed.put(script, 0L));
    for (Escrow escrow : escrows) {
      account.escrows.put(kmp(escrow.outpoint()), escrow);
      escrow.payee().ifPresent(p -> account.owed.merge(p.script(), p.payout(), Math::addExact));
    }
    blocks.forEach(block -> account.block(Block.read(block)));
    account.close();
    return account;
  }

  private void block(Block block) {
    height++;
    long feesOfBlock = 0;
    for (Transaction tx : block.tx) {
      if (!tx.isCoinbase()) {
        feesOfBlock = Math.addExact(feesOfBlock, transaction(tx));
      }
      add(tx);
    }
    long minted = outputs(block.tx.getFirst()) - (FIRST_SUBSIDY >> (height / REGTEST_HALVING));
    if (minted != feesOfBlock) {
      differ(
          "block %d: its transactions leave %d satoshi to the miner, who took %d",
          height, feesOfBlock, minted);
    }
  }

  /** Takes the inputs away and returns the fee. */
  private long transaction(Transaction tx) {
    Map<OutPoint, TxOut> spent = new HashMap<>();
    for (TxIn input : tx.txIn) {
      TxOut out = unspent.remove(input.outPoint);
      if (out == null) {
        differ("block %d: %s spends an output that is not there", height, input.outPoint);
        return 0;
      }
      spent.put(input.outPoint, out);
    }
    long in = spent.values().stream().mapToLong(ChainAccount::value).sum();
    long fee = Math.subtractExact(in, outputs(tx));
    if (tx.txIn.stream().anyMatch(input -> escrows.containsKey(input.outPoint))) {
      batch(tx, spent, fee);
    } else if (spent.values().stream().allMatch(out -> out.publicKeyScript.equals(feeScript))) {
      splitFees += fee;
    }
    return fee;
  }

  private void batch(Transaction tx, Map<OutPoint, TxOut> spent, long fee) {
    batches++;
    vbytes += Math.ceilDiv(tx.weight(), 4);
    fees = Math.addExact(fees, fee);
    try {
      tx.correctlySpends(spent, ScriptFlags.STANDARD_SCRIPT_VERIFY_FLAGS);
    } catch (RuntimeException e) {
      differ("batch %s: a script fails: %s", tx.txid, e.getMessage());
    }
    for (int i = 0; i < tx.txIn.size(); i++) {
      OutPoint outPoint = tx.txIn.get(i).outPoint;
      TxOut out = i < tx.txOut.size() ? tx.txOut.get(i) : null;
      Escrow escrow = escrows.get(outPoint);
      if (escrow != null) {
        escrowsIn = Math.addExact(escrowsIn, value(spent.get(outPoint)));
        release(tx, escrow, outPoint, spent.get(outPoint), out);
      } else if (spent.get(outPoint).publicKeyScript.equals(feeScript)) {
        walletIn = Math.addExact(walletIn, value(spent.get(outPoint)));
      } else {
        differ("batch %s spends %s, which is no escrow and no fee coin", tx.txid, outPoint);
      }
    }
    for (TxOut out : tx.txOut) {
      if (out.publicKeyScript.equals(feeScript)) {
        change = Math.addExact(change, value(out));
      }
    }
  }

  /** One escrow's input, and the output that stands beside it. */
  private void release(Transaction tx, Escrow escrow, OutPoint outPoint, TxOut spent, TxOut out) {
    paid.add(outPoint);
    if (value(spent) != escrow.value()) {
      differ(
          "escrow %s holds %d satoshi on chain, %d by its terms",
          escrow.outpoint(), value(spent), escrow.value());
    }
    if (escrow.payee().isEmpty()) {
      differ("batch %s spends escrow %s, which was granted to nobody", tx.txid, escrow.outpoint());
      return;
    }
    Payee payee = escrow.payee().get();
    boolean exact =
        out != null
            && value(out) == payee.payout()
            && out.publicKeyScript.contentEquals(payee.script().toArray());
    if (exact) {
      payouts = Math.addExact(payouts, payee.payout());
    } else {
      differ(
          "the claim on escrow %s is owed %d satoshi to %s; batch %s pays %s",
          escrow.outpoint(),
          payee.payout(),
          payee.script(),
          tx.txid,
          out == null ? "nothing" : value(out) + " to " + out.publicKeyScript.toHex());
    }
  }

  private void add(Transaction tx) {
    for (int i = 0; i < tx.txOut.size(); i++) {
      TxOut out = tx.txOut.get(i);
      unspent.put(new OutPoint(tx.hash, i), out);
      count(out);
    }
  }

  private void count(TxOut out) {
    byte[] script = out.publicKeyScript.toByteArray();
    if (script.length >= 22 && script.length <= 34) {
      try {
        PayoutScript payee = PayoutScript.of(script);
        if (owed.containsKey(payee)) {
          received.merge(payee, value(out), Math::addExact);
        }
      } catch (RuntimeException e) {
        // No payout script: nobody of ours is paid by it.
      }
    }
  }

  /** What must hold over the whole chain. */
  private void close() {
    escrows.forEach(
        (outPoint, escrow) -> {
          if (escrow.payee().isPresent() && !paid.contains(outPoint)) {
            differ("the granted claim on escrow %s was never paid", escrow.outpoint());
          }
        });
    owed.forEach(
        (script, sum) -> {
          long got = received.getOrDefault(script, 0L);
          if (got != sum) {
            differ("merchant %s received %d satoshi of %d owed", script, got, sum);
          }
        });
    if (escrowsIn + walletIn != payouts + change + fees) {
      differ(
          "batches: %d satoshi in, %d out and %d fees",
          escrowsIn + walletIn, payouts + change, fees);
    }
  }

  /** The sums. */
  Sums sums() {
    long balance =
        unspent.values().stream()
            .filter(out -> out.publicKeyScript.equals(feeScript))
            .mapToLong(ChainAccount::value)
            .sum();
    return new Sums(
        batches,
        paid.size(),
        vbytes,
        escrowsIn,
        walletIn,
        payouts,
        change,
        fees,
        splitFees,
        balance,
        height);
  }

  /** One line for everything that does not agree; empty when all does. */
  List<String> differences() {
    return List.copyOf(differences);
  }

  private void differ(String text, Object... values) {
    differences.add(text.formatted(values));
  }

  private static OutPoint kmp(Outpoint outpoint) {
    return new OutPoint(
        new TxHash(outpoint.txid().toArray()), Integer.toUnsignedLong(outpoint.vout()));
  }

  private static long value(TxOut out) {
    return out.amount.toLong();
  }

  private static long outputs(Transaction tx) {
    return tx.txOut.stream().mapToLong(ChainAccount::value).reduce(0, Math::addExact);
  }
}
