package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.SpendTemplate;

/**
 * The last look at a batch before it is stored and sent: reads the transaction back from its bytes,
 * compares every amount and script with the claims and with what the chain holds, and executes
 * every input's script. It shares no code with {@link BatchBuilder}.
 *
 * <p>Script execution is bitcoin-kmp's. bitcoinj's is not used anywhere: it accepts invalid
 * witnesses for P2WSH and P2TR.
 */
public final class BatchChecker {
  private static final int CHANGE_VSIZE = 31;
  private static final long CHANGE_DUST = 294;

  private final byte[] walletScript;
  private final FeeRate maxRate;

  /**
   * A checker.
   *
   * @param walletScript where change must go
   * @param maxRate no batch may pay more
   */
  public BatchChecker(byte[] walletScript, FeeRate maxRate) {
    this.walletScript = walletScript.clone();
    this.maxRate = maxRate;
  }

  /** What is wrong. */
  public enum Kind {
    /** The transaction is not what was planned: never to be sent. */
    STRUCTURE,
    /** The chain does not hold this input (any more). */
    GONE,
    /** This input's signatures or script fail. */
    INVALID
  }

  /**
   * One objection.
   *
   * @param kind what is wrong
   * @param input index of the input, or -1 for the whole
   * @param text for people
   */
  public record Problem(Kind kind, int input, String text) {}

  /**
   * Checks everything.
   *
   * @param chain what the chain holds of the batch's inputs
   * @return all objections; empty when the batch may be sent
   */
  public List<Problem> check(Batch batch, UtxoAnswer chain) {
    Transaction tx;
    try {
      tx = Transactions.parse(batch.raw());
    } catch (IllegalArgumentException e) {
      return List.of(new Problem(Kind.STRUCTURE, -1, e.getMessage()));
    }
    List<Problem> problems = new ArrayList<>();
    checkFrame(tx, batch, problems);
    if (!problems.isEmpty()) {
      return problems;
    }
    for (int i = 0; i < batch.pairs().size(); i++) {
      checkPair(tx, i, batch.pairs().get(i), problems);
    }
    checkChange(tx, batch, problems);
    List<TxOut> spent = spentOutputs(tx, batch, chain, problems);
    if (!problems.isEmpty()) {
      return problems;
    }
    checkFee(tx, batch, spent, problems);
    for (int i = 0; i < tx.txIn.size(); i++) {
      Optional<String> reason = Transactions.checkInput(tx, i, spent);
      if (reason.isPresent()) {
        problems.add(new Problem(Kind.INVALID, i, reason.get()));
      }
    }
    return problems;
  }

  private static void checkFrame(Transaction tx, Batch batch, List<Problem> problems) {
    int pairs = batch.pairs().size();
    int inputs = pairs + batch.feeCoins().size();
    int outputs = pairs + (batch.change() > 0 ? 1 : 0);
    require(tx.version == SpendTemplate.VERSION, "version is " + tx.version, problems);
    require(tx.lockTime == SpendTemplate.LOCK_TIME, "lock time is " + tx.lockTime, problems);
    require(pairs > 0 && tx.txIn.size() == inputs, tx.txIn.size() + " inputs", problems);
    require(tx.txOut.size() == outputs, tx.txOut.size() + " outputs", problems);
    require(Transactions.txid(tx).equals(batch.txid()), "txid differs", problems);
    int vsize = Transactions.vsize(tx);
    require(vsize == batch.vsize() && vsize <= BatchBuilder.MAX_VSIZE, vsize + " vB", problems);
    Set<Outpoint> seen = new HashSet<>();
    for (TxIn in : tx.txIn) {
      Outpoint outpoint = Transactions.outpoint(in.outPoint);
      require(seen.add(outpoint), "spends " + outpoint + " twice", problems);
      require(
          in.sequence == Integer.toUnsignedLong(SpendTemplate.SEQUENCE)
              && in.signatureScript.isEmpty(),
          "sequence or scriptSig of " + outpoint,
          problems);
    }
  }

  private static void checkPair(Transaction tx, int i, ReleasePair pair, List<Problem> problems) {
    TxOut out = tx.txOut.get(i);
    boolean same =
        Transactions.outpoint(tx.txIn.get(i).outPoint).equals(pair.outpoint())
            && Transactions.value(out) == pair.payout()
            && Arrays.equals(Transactions.script(out), pair.payoutScript().toArray())
            && pair.payout() >= pair.payoutScript().type().dust();
    if (!same) {
      problems.add(
          new Problem(Kind.STRUCTURE, i, "pair differs from the claim at " + pair.position()));
    }
  }

  private void checkChange(Transaction tx, Batch batch, List<Problem> problems) {
    if (batch.change() == 0) {
      return;
    }
    TxOut change = tx.txOut.getLast();
    require(
        Transactions.value(change) == batch.change()
            && Arrays.equals(Transactions.script(change), walletScript)
            && batch.change() >= Dust.threshold(walletScript),
        "change is not " + batch.change() + " satoshi to the fee wallet",
        problems);
  }

  private List<TxOut> spentOutputs(
      Transaction tx, Batch batch, UtxoAnswer chain, List<Problem> problems) {
    List<TxOut> spent = new ArrayList<>();
    for (int i = 0; i < tx.txIn.size(); i++) {
      Outpoint outpoint = Transactions.outpoint(tx.txIn.get(i).outPoint);
      TxOut expected = expected(batch, i, outpoint, problems);
      Optional<Utxo> utxo = chain.get(outpoint);
      if (utxo.isEmpty()) {
        problems.add(new Problem(Kind.GONE, i, outpoint + " is spent or not confirmed"));
      } else if (utxo.get().value() != Transactions.value(expected)
          || !Arrays.equals(utxo.get().script(), Transactions.script(expected))) {
        problems.add(
            new Problem(
                Kind.INVALID,
                i,
                outpoint + " holds " + utxo.get().value() + " satoshi or has another script"));
      }
      spent.add(expected);
    }
    return spent;
  }

  private TxOut expected(Batch batch, int i, Outpoint outpoint, List<Problem> problems) {
    int pairs = batch.pairs().size();
    if (i < pairs) {
      return batch.pairs().get(i).spent();
    }
    FeeCoin coin = batch.feeCoins().get(i - pairs);
    require(coin.outpoint().equals(outpoint), "fee input " + outpoint, problems);
    return new TxOut(new fr.acinq.bitcoin.Satoshi(coin.value()), walletScript);
  }

  private void checkFee(Transaction tx, Batch batch, List<TxOut> spent, List<Problem> problems) {
    long in = 0;
    for (TxOut out : spent) {
      in = Math.addExact(in, Transactions.value(out));
    }
    long fee = in - Transactions.outputSum(tx);
    Account account = batch.account();
    require(fee == batch.fee() && account.total() == in, "fee is " + fee, problems);
    require(
        fee <= mostFee(maxRate, batch.vsize()),
        "fee of " + fee + " satoshi is above the cap of " + maxRate,
        problems);
  }

  /** The cap's fee, and what is too little for a change output of its own, with that output. */
  static long mostFee(FeeRate cap, int vsize) {
    return Math.addExact(cap.feeFor(vsize + CHANGE_VSIZE), CHANGE_DUST);
  }

  private static void require(boolean condition, String text, List<Problem> problems) {
    if (!condition) {
      problems.add(new Problem(Kind.STRUCTURE, -1, text));
    }
  }
}
