package org.micropay.vts.settlement;

import java.util.List;
import org.micropay.vts.ticket.Bytes32;

/**
 * A signed burn transaction and what it is made of. Immutable; the bytes are not copied and not to
 * be changed.
 *
 * <pre>
 *  inputs   deposit | fee coin ...
 *  outputs  OP_RETURN "VTS burn" | change, if any
 * </pre>
 *
 * @param raw serialization with witnesses (BIP 144)
 * @param txid internal byte order
 * @param pair the deposit's input and output
 * @param feeCoins own inputs behind it
 * @param change satoshi of the last output; 0 when there is none
 * @param vsize virtual bytes
 */
public record Burn(
    byte[] raw, Bytes32 txid, BurnPair pair, List<FeeCoin> feeCoins, long change, int vsize) {
  /** Checks the change. */
  public Burn {
    feeCoins = List.copyOf(feeCoins);
    if (change < 0 || change > sum(feeCoins)) {
      throw new IllegalArgumentException("burn with change of " + change + " satoshi");
    }
  }

  private static long sum(List<FeeCoin> coins) {
    return coins.stream().mapToLong(FeeCoin::value).reduce(0, Math::addExact);
  }

  /** Satoshi of the fee wallet that go to the miner. */
  long ownFee() {
    return sum(feeCoins) - change;
  }

  /** Satoshi that the miner gets. */
  long fee() {
    return Math.addExact(pair.burnFee(), ownFee());
  }

  FeeRate rate() {
    return FeeRate.of(fee(), vsize);
  }
}
