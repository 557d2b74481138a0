package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Script;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.SigHash;
import fr.acinq.bitcoin.SigVersion;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Der;
import org.micropay.vts.ticket.ScriptType;
import org.micropay.vts.ticket.SpendTemplate;

/**
 * Builds batch transactions: version 3 (BIP 431), every pair at one index for input and output, the
 * fee wallet's inputs and the change last.
 *
 * <p>What the escrows hold above their payouts counts towards the fee; the wallet's coins fill up
 * what is missing, and what is left over returns to the wallet. Not thread-safe; the settlement
 * thread owns it.
 */
public final class BatchBuilder {
  /** Greatest virtual size of a version 3 transaction (BIP 431). */
  public static final int MAX_VSIZE = 10_000;

  /** Weight of an input without its witness: outpoint 36, script length 1, sequence 4. */
  static final int INPUT_WEIGHT = 4 * 41;

  private static final int MAX_WEIGHT = 4 * MAX_VSIZE;
  // Stack of two: a signature of the greatest length and the key, each with its length.
  static final int FEE_INPUT_WEIGHT = INPUT_WEIGHT + 1 + 1 + Der.MAX_LENGTH + 1 + 33;
  static final int CHANGE_WEIGHT = outputWeight(ScriptType.P2WPKH.length());
  static final int CHANGE_DUST = ScriptType.P2WPKH.dust();
  // Up to this many fee inputs are foreseen when the number of pairs is chosen.
  private static final int FORESEEN_FEE_INPUTS = 2;

  private final FeeSigner signer;
  private final byte[] walletScript;
  private final byte[] scriptCode;

  /** A builder whose change goes to the signer's P2WPKH script. */
  public BatchBuilder(FeeSigner signer) {
    this.signer = signer;
    this.walletScript = walletScript(signer);
    this.scriptCode = Script.write(Script.pay2pkh(key()));
  }

  private fr.acinq.bitcoin.PublicKey key() {
    return new fr.acinq.bitcoin.PublicKey(signer.publicKey().toArray());
  }

  /** The fee wallet's output script: P2WPKH of its key. */
  static byte[] walletScript(FeeSigner signer) {
    fr.acinq.bitcoin.PublicKey key = new fr.acinq.bitcoin.PublicKey(signer.publicKey().toArray());
    return Script.write(Script.pay2wpkh(key));
  }

  /** Weight of an output with a script of {@code scriptLength} bytes, 0 to 252. */
  static int outputWeight(int scriptLength) {
    return 4 * (8 + 1 + scriptLength);
  }

  /** How many of these pairs, from the first on, one transaction can hold. */
  public static int fitting(List<ReleasePair> pairs, int maxPairs) {
    int weight = frameWeight(MAX_WEIGHT) + FORESEEN_FEE_INPUTS * FEE_INPUT_WEIGHT + CHANGE_WEIGHT;
    int count = 0;
    while (count < pairs.size() && count < maxPairs) {
      weight += pairs.get(count).weight();
      if (weight > MAX_WEIGHT) {
        break;
      }
      count++;
    }
    return count;
  }

  /** Version, lock time, marker, flag and both counts, each count as long as its number needs. */
  static int frameWeight(int inputs) {
    int count = inputs < 253 ? 1 : 3;
    return 4 * (4 + 4 + 2 * count) + 2;
  }

  /** What a transaction must pay. */
  public record Fee(FeeRate rate, long atLeast) {
    /** Only a rate. */
    public static Fee at(FeeRate rate) {
      return new Fee(rate, 0);
    }

    long of(int weight) {
      return Math.max(atLeast, rate.feeFor(Math.ceilDiv(weight, 4)));
    }
  }

  /**
   * Builds and signs.
   *
   * @param pairs at least one, at most {@link #fitting}
   * @param required coins that must be among the inputs, such as those of the batch to replace
   * @param available further coins, used from the first on as far as needed
   * @return empty when the coins do not suffice for the fee
   * @throws IllegalArgumentException when the pairs do not fit
   */
  public Optional<Batch> build(
      List<ReleasePair> pairs, List<FeeCoin> required, List<FeeCoin> available, Fee fee) {
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("a batch needs at least one claim");
    }
    requireFits(pairs);
    return choose(pairs, required, available, fee).map(this::sign);
  }

  /**
   * What {@link #build} would make, without a signature.
   *
   * @param coins that it would spend
   * @param vsize at most
   */
  record Estimate(List<FeeCoin> coins, long fee, long change, int vsize) {}

  /** See {@link Estimate}; empty when the coins do not suffice for the fee. */
  static Optional<Estimate> estimate(List<ReleasePair> pairs, List<FeeCoin> available, Fee fee) {
    return choose(pairs, List.of(), available, fee)
        .map(
            plan -> {
              int change = plan.change() > 0 ? CHANGE_WEIGHT : 0;
              int vsize = Math.ceilDiv(weight(pairs, plan.coins().size()) + change, 4);
              return new Estimate(plan.coins(), plan.fee(), plan.change(), vsize);
            });
  }

  /** Virtual bytes of a transaction of these pairs that pays its fee from their allowances. */
  static int leastVsize(List<ReleasePair> pairs) {
    return Math.ceilDiv(weight(pairs, 0), 4);
  }

  private static void requireFits(List<ReleasePair> pairs) {
    int weight = weight(pairs, 0);
    if (weight > MAX_WEIGHT) {
      throw new IllegalArgumentException(
          "%d claims need %d weight units, above %d".formatted(pairs.size(), weight, MAX_WEIGHT));
    }
  }

  private static int weight(List<ReleasePair> pairs, int coins) {
    int weight = frameWeight(pairs.size() + coins) + coins * FEE_INPUT_WEIGHT;
    for (ReleasePair pair : pairs) {
      weight += pair.weight();
    }
    return weight;
  }

  /** Adds coins until they pay; empty when they do not, or when no more of them fit. */
  private static Optional<Plan> choose(
      List<ReleasePair> pairs, List<FeeCoin> required, List<FeeCoin> available, Fee fee) {
    List<FeeCoin> coins = new ArrayList<>(required);
    int next = 0;
    while (weight(pairs, coins.size()) <= MAX_WEIGHT) {
      Optional<Plan> plan = plan(pairs, coins, fee);
      if (plan.isPresent()) {
        return plan;
      }
      while (next < available.size() && coins.contains(available.get(next))) {
        next++;
      }
      if (next == available.size()) {
        return Optional.empty();
      }
      coins.add(available.get(next++));
    }
    return Optional.empty();
  }

  private record Plan(List<ReleasePair> pairs, List<FeeCoin> coins, long fee, long change) {}

  private static Optional<Plan> plan(List<ReleasePair> pairs, List<FeeCoin> coins, Fee fee) {
    int weight = weight(pairs, coins.size());
    long budget = 0;
    for (ReleasePair pair : pairs) {
      budget = Math.addExact(budget, pair.allowance());
    }
    for (FeeCoin coin : coins) {
      budget = Math.addExact(budget, coin.value());
    }
    if (weight + CHANGE_WEIGHT <= MAX_WEIGHT) {
      long change = budget - fee.of(weight + CHANGE_WEIGHT);
      if (change >= CHANGE_DUST) {
        return Optional.of(new Plan(pairs, List.copyOf(coins), budget - change, change));
      }
    }
    // Too little is left for an output of its own: it goes to the miner.
    return budget >= fee.of(weight)
        ? Optional.of(new Plan(pairs, List.copyOf(coins), budget, 0))
        : Optional.empty();
  }

  /**
   * The same without the fee inputs' signatures, for a wallet whose key is elsewhere; the size is
   * that of the signed transaction at most.
   */
  Optional<Batch> unsigned(
      List<ReleasePair> pairs, List<FeeCoin> required, List<FeeCoin> available, Fee fee) {
    requireFits(pairs);
    return choose(pairs, required, available, fee)
        .map(
            plan -> {
              int change = plan.change() > 0 ? CHANGE_WEIGHT : 0;
              int vsize = Math.ceilDiv(weight(pairs, plan.coins().size()) + change, 4);
              return batch(plan, transaction(plan), vsize);
            });
  }

  private Batch sign(Plan plan) {
    Transaction tx = transaction(plan);
    for (int i = 0; i < plan.coins().size(); i++) {
      tx = signInput(tx, plan.pairs().size() + i, plan.coins().get(i).value());
    }
    return batch(plan, tx, Transactions.vsize(tx));
  }

  private static Batch batch(Plan plan, Transaction tx, int vsize) {
    return new Batch(
        Transactions.serialize(tx),
        Transactions.txid(tx),
        plan.pairs(),
        plan.coins(),
        plan.change(),
        plan.fee(),
        vsize);
  }

  private Transaction transaction(Plan plan) {
    List<TxIn> inputs = new ArrayList<>();
    List<TxOut> outputs = new ArrayList<>();
    for (ReleasePair pair : plan.pairs()) {
      inputs.add(pair.input());
      outputs.add(pair.output());
    }
    for (FeeCoin coin : plan.coins()) {
      inputs.add(
          new TxIn(Transactions.outPoint(coin.outpoint()), Transactions.SEQUENCE_REPLACEABLE));
    }
    if (plan.change() > 0) {
      outputs.add(new TxOut(new Satoshi(plan.change()), walletScript));
    }
    return new Transaction(SpendTemplate.VERSION, inputs, outputs, SpendTemplate.LOCK_TIME);
  }

  /** Signs one input that spends an output of the wallet. */
  Transaction signInput(Transaction tx, int index, long value) {
    byte[] digest =
        tx.hashForSigning(
            index,
            scriptCode,
            SigHash.SIGHASH_ALL,
            new Satoshi(value),
            SigVersion.SIGVERSION_WITNESS_V0);
    byte[] der = Der.encode(signer.sign(Bytes32.of(digest)), SigHash.SIGHASH_ALL);
    return tx.updateWitness(
        index,
        new ScriptWitness(
            List.of(new ByteVector(der), new ByteVector(signer.publicKey().toArray()))));
  }

  /**
   * A transaction that splits one coin of the wallet into {@code parts} coins of {@code partValue}
   * satoshi and a remainder, so that later batches find confirmed inputs. Version 2: it spends and
   * makes only the wallet's own outputs.
   *
   * @return empty when the coin is too small
   */
  Optional<byte[]> split(FeeCoin coin, int parts, long partValue, FeeRate rate) {
    int weight = frameWeight(1) + FEE_INPUT_WEIGHT + Math.multiplyExact(parts + 1, CHANGE_WEIGHT);
    long rest =
        coin.value()
            - Math.multiplyExact(partValue, (long) parts)
            - rate.feeFor(Math.ceilDiv(weight, 4));
    if (rest < CHANGE_DUST || partValue < CHANGE_DUST) {
      return Optional.empty();
    }
    List<TxOut> outputs = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      outputs.add(new TxOut(new Satoshi(partValue), walletScript));
    }
    outputs.add(new TxOut(new Satoshi(rest), walletScript));
    TxIn in = new TxIn(Transactions.outPoint(coin.outpoint()), Transactions.SEQUENCE_REPLACEABLE);
    Transaction tx = new Transaction(2, List.of(in), outputs, 0);
    return Optional.of(Transactions.serialize(signInput(tx, 0, coin.value())));
  }
}
