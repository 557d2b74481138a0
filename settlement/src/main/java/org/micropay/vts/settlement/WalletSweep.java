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
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.PayoutScript;

/**
 * Moves every confirmed coin of a fee wallet to one output, less the fee: the step of a key's
 * rotation. Immutable.
 *
 * @param raw serialization with witnesses (BIP 144); not copied, not to be changed
 * @param txid internal byte order
 * @param coins how many it spends
 * @param value satoshi of the output
 * @param fee satoshi to the miner
 */
public record WalletSweep(byte[] raw, Bytes32 txid, int coins, long value, long fee) {
  private static final int VERSION = 2;

  /**
   * Builds, signs and checks.
   *
   * @throws IllegalArgumentException when there are no coins, or less than dust would be left
   * @throws ChainException when the chain does not answer
   */
  public static WalletSweep of(Chain chain, FeeSigner signer, PayoutScript to, FeeRate rate) {
    byte[] script = BatchBuilder.walletScript(signer);
    ScanAnswer answer = chain.scan(script);
    List<Utxo> coins =
        answer.utxos().stream().filter(utxo -> utxo.spendableAfter(answer.tip().height())).toList();
    long sum = coins.stream().mapToLong(Utxo::value).reduce(0, Math::addExact);
    int weight =
        BatchBuilder.frameWeight(coins.size())
            + coins.size() * BatchBuilder.FEE_INPUT_WEIGHT
            + BatchBuilder.outputWeight(to.length());
    long fee = rate.feeFor(Math.ceilDiv(weight, 4));
    if (coins.isEmpty() || sum - fee < to.type().dust()) {
      throw new IllegalArgumentException(
          "the fee wallet's %d coins hold %d satoshi; nothing would be left after a fee of %d"
              .formatted(coins.size(), sum, fee));
    }
    return signed(signer, coins, script, new TxOut(new Satoshi(sum - fee), to.toArray()), fee);
  }

  private static WalletSweep signed(
      FeeSigner signer, List<Utxo> coins, byte[] script, TxOut out, long fee) {
    List<TxIn> inputs = new ArrayList<>();
    Map<OutPoint, TxOut> spent = new HashMap<>();
    for (Utxo coin : coins) {
      OutPoint outPoint = Transactions.outPoint(coin.outpoint());
      inputs.add(new TxIn(outPoint, Transactions.SEQUENCE_REPLACEABLE));
      spent.put(outPoint, new TxOut(new Satoshi(coin.value()), script));
    }
    BatchBuilder wallet = new BatchBuilder(signer);
    Transaction tx = new Transaction(VERSION, inputs, List.of(out), 0);
    for (int i = 0; i < coins.size(); i++) {
      tx = wallet.signInput(tx, i, coins.get(i).value());
    }
    Transactions.checkAll(tx, spent)
        .ifPresent(
            reason -> {
              throw new IllegalStateException("built a wrong sweep, not sent: " + reason);
            });
    return new WalletSweep(
        Transactions.serialize(tx),
        Transactions.txid(tx),
        coins.size(),
        Transactions.value(out),
        fee);
  }
}
