package org.micropay.vts.settlement;

import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.micropay.vts.ticket.SpendTemplate;

/**
 * Builds burn transactions: one deposit each, because nodes relay only one OP_RETURN output.
 *
 * <p>The buyer fixed the burn's own fee when he signed, perhaps years before. His signature commits
 * to one input and one output only, so coins of the fee wallet may be added when that fee is too
 * low: there is no need for a child that pays, for which the burn has no output anyway. What the
 * wallet adds is never more than the deposit holds. The chain thread owns it.
 */
final class BurnBuilder {
  private final BatchBuilder wallet;
  private final byte[] walletScript;

  /** A builder whose fee inputs and change are the wallet's. */
  BurnBuilder(BatchBuilder wallet, byte[] walletScript) {
    this.wallet = wallet;
    this.walletScript = walletScript.clone();
  }

  /**
   * Builds, signs and checks.
   *
   * @param required coins that must be among the inputs, such as those of the burn to replace
   * @param available further coins, used from the first on as far as needed
   * @return empty when coins and bound do not suffice for the fee
   */
  Optional<Burn> build(
      BurnPair pair, List<FeeCoin> required, List<FeeCoin> available, BatchBuilder.Fee fee) {
    List<FeeCoin> coins = new ArrayList<>(required);
    int next = 0;
    while (true) {
      long sum = coins.stream().mapToLong(FeeCoin::value).reduce(0, Math::addExact);
      long change = change(pair, coins.size(), sum, fee);
      if (change >= 0) {
        return sum - change <= pair.value()
            ? Optional.of(sign(pair, coins, change))
            : Optional.empty();
      }
      while (next < available.size() && coins.contains(available.get(next))) {
        next++;
      }
      if (next == available.size()) {
        return Optional.empty();
      }
      coins.add(available.get(next++));
    }
  }

  /** The pair alone, without a fee wallet; empty when its own fee does not suffice. */
  static Optional<Burn> alone(BurnPair pair, BatchBuilder.Fee fee) {
    return change(pair, 0, 0, fee) < 0
        ? Optional.empty()
        : Optional.of(
            finished(pair, List.of(), 0, transaction(pair, List.of(), List.of()), Map.of()));
  }

  /** What returns to the wallet; 0 without a change output, -1 when the coins do not suffice. */
  private static long change(BurnPair pair, int coins, long sum, BatchBuilder.Fee fee) {
    int weight =
        BatchBuilder.frameWeight(1) + pair.weight() + coins * BatchBuilder.FEE_INPUT_WEIGHT;
    long budget = Math.addExact(pair.burnFee(), sum);
    if (coins > 0) {
      long change = budget - fee.of(weight + BatchBuilder.CHANGE_WEIGHT);
      // More than the coins cannot return: the burn's own fee is spent in any case.
      change = Math.min(change, sum);
      if (change >= BatchBuilder.CHANGE_DUST) {
        return change;
      }
    }
    return budget >= fee.of(weight) ? 0 : -1;
  }

  private Burn sign(BurnPair pair, List<FeeCoin> coins, long change) {
    Map<OutPoint, TxOut> spent = new HashMap<>();
    for (FeeCoin coin : coins) {
      spent.put(
          Transactions.outPoint(coin.outpoint()),
          new TxOut(new Satoshi(coin.value()), walletScript));
    }
    List<TxOut> rest =
        change > 0 ? List.of(new TxOut(new Satoshi(change), walletScript)) : List.of();
    Transaction tx = transaction(pair, coins, rest);
    for (int i = 0; i < coins.size(); i++) {
      tx = wallet.signInput(tx, 1 + i, coins.get(i).value());
    }
    return finished(pair, coins, change, tx, spent);
  }

  private static Transaction transaction(BurnPair pair, List<FeeCoin> coins, List<TxOut> rest) {
    List<TxIn> inputs = new ArrayList<>(List.of(pair.input()));
    for (FeeCoin coin : coins) {
      inputs.add(
          new TxIn(Transactions.outPoint(coin.outpoint()), Transactions.SEQUENCE_REPLACEABLE));
    }
    List<TxOut> outputs = new ArrayList<>(List.of(pair.output()));
    outputs.addAll(rest);
    return new Transaction(SpendTemplate.VERSION, inputs, outputs, SpendTemplate.LOCK_TIME);
  }

  private static Burn finished(
      BurnPair pair,
      List<FeeCoin> coins,
      long change,
      Transaction tx,
      Map<OutPoint, TxOut> ownSpent) {
    Map<OutPoint, TxOut> spent = new HashMap<>(ownSpent);
    spent.put(Transactions.outPoint(pair.outpoint()), pair.spent());
    Transactions.checkAll(tx, spent)
        .ifPresent(
            reason -> {
              throw new IllegalStateException(
                  "built a wrong burn of " + pair.outpoint() + ", not sent: " + reason);
            });
    return new Burn(
        Transactions.serialize(tx),
        Transactions.txid(tx),
        pair,
        coins,
        change,
        Transactions.vsize(tx));
  }
}
