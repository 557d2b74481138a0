package org.micropay.vts.settlement;

import java.util.List;
import org.micropay.vts.ticket.Bytes32;

/**
 * A signed batch transaction and what it is made of. Immutable; the bytes are not copied and not to
 * be changed.
 *
 * <pre>
 *  inputs   pair 0 ... pair n-1 | fee coin ...
 *  outputs  pair 0 ... pair n-1 | change, if any
 * </pre>
 *
 * @param raw serialization with witnesses (BIP 144)
 * @param txid internal byte order
 * @param pairs the claims, in order of their inputs
 * @param feeCoins own inputs behind them
 * @param change satoshi of the last output; 0 when there is none
 * @param fee satoshi that the miner gets
 * @param vsize virtual bytes
 */
public record Batch(
    byte[] raw,
    Bytes32 txid,
    List<ReleasePair> pairs,
    List<FeeCoin> feeCoins,
    long change,
    long fee,
    int vsize) {

  /** Makes the lists immutable. */
  public Batch {
    pairs = List.copyOf(pairs);
    feeCoins = List.copyOf(feeCoins);
  }

  /** What the transaction pays for each 1,000 virtual bytes. */
  public FeeRate rate() {
    return FeeRate.of(fee, vsize);
  }

  /** Where every satoshi goes. */
  public Account account() {
    long escrows = 0;
    long payouts = 0;
    for (ReleasePair pair : pairs) {
      escrows = Math.addExact(escrows, pair.value());
      payouts = Math.addExact(payouts, pair.payout());
    }
    long wallet = feeCoins.stream().mapToLong(FeeCoin::value).reduce(0, Math::addExact);
    return new Account(escrows, wallet, payouts, change, fee);
  }
}
