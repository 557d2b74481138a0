package org.micropay.vts.settlement;

import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxOut;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;

/**
 * The stand-alone transaction of one granted claim, made from the claim and the receipt's
 * counter-signature by whoever holds both: a merchant needs the VTS no more. Its fee is the
 * escrow's fee allowance, or more when a coin of the merchant's own is added. Immutable.
 *
 * <pre>
 *  inputs   escrow | fee coin, if any
 *  outputs  payout | change, if any, to the fee coin's script
 * </pre>
 *
 * @param raw serialization with witnesses (BIP 144); not copied, not to be changed
 * @param txid internal byte order
 * @param fee satoshi to the miner
 * @param change satoshi back to the fee coin's script; 0 without one
 * @param vsize virtual bytes
 */
public record MerchantRelease(byte[] raw, Bytes32 txid, long fee, long change, int vsize) {

  /**
   * A coin of the merchant's own that raises the fee.
   *
   * @param coin a confirmed P2WPKH output of the signer's key: version 3 allows no parent of
   *     another version in the mempool
   * @param signer its key
   */
  public record FeeInput(FeeCoin coin, FeeSigner signer) {}

  /**
   * The pair alone; the fee allowance is the fee.
   *
   * @throws IllegalArgumentException when a signature or script does not hold
   */
  public static MerchantRelease of(Claim claim, CompactSignature counterSignature) {
    byte[] raw = ReleaseTransaction.of(claim, counterSignature);
    ReleasePair pair = pair(claim, counterSignature);
    return checked(raw, pair, Optional.empty(), pair.allowance(), 0);
  }

  /**
   * The pair with a fee input.
   *
   * @param rate what the whole transaction must pay at least
   * @throws IllegalArgumentException when the coin does not suffice, or a signature or script does
   *     not hold
   */
  public static MerchantRelease of(
      Claim claim, CompactSignature counterSignature, FeeInput input, FeeRate rate) {
    ReleasePair pair = pair(claim, counterSignature);
    Batch batch =
        new BatchBuilder(input.signer())
            .build(List.of(pair), List.of(input.coin()), List.of(), BatchBuilder.Fee.at(rate))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the fee coin's %d satoshi and the allowance of %d do not pay for %s"
                            .formatted(input.coin().value(), pair.allowance(), rate)));
    return checked(batch.raw(), pair, Optional.of(input), batch.fee(), batch.change());
  }

  // The position names a claim to settlement only; here there is but one.
  private static ReleasePair pair(Claim claim, CompactSignature counterSignature) {
    return ReleasePair.of(1, claim, counterSignature);
  }

  private static MerchantRelease checked(
      byte[] raw, ReleasePair pair, Optional<FeeInput> input, long fee, long change) {
    Transaction tx = Transactions.parse(raw);
    Map<OutPoint, TxOut> spent = new HashMap<>();
    spent.put(Transactions.outPoint(pair.outpoint()), pair.spent());
    input.ifPresent(
        own ->
            spent.put(
                Transactions.outPoint(own.coin().outpoint()),
                new TxOut(
                    new Satoshi(own.coin().value()), BatchBuilder.walletScript(own.signer()))));
    Transactions.checkAll(tx, spent)
        .ifPresent(
            reason -> {
              throw new IllegalArgumentException("the release is not valid: " + reason);
            });
    return new MerchantRelease(raw, Transactions.txid(tx), fee, change, Transactions.vsize(tx));
  }

  /** What it pays for each 1,000 virtual bytes. */
  public FeeRate rate() {
    return FeeRate.of(fee, vsize);
  }
}
