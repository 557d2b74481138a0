package org.micropay.vts.appliance.demo;

import fr.acinq.bitcoin.Script;
import java.util.Collections;
import org.micropay.vts.settlement.Payment;
import org.micropay.vts.ticket.PublicKey;

/** The operator's coins that pay for batches. */
public final class FeeCoins {
  private FeeCoins() {}

  /** P2WPKH of the fee wallet's key. */
  public static byte[] script(PublicKey feeKey) {
    return Script.write(Script.pay2wpkh(new fr.acinq.bitcoin.PublicKey(feeKey.toArray())));
  }

  /** Pays the fee wallet its first coins; a block confirms them. */
  static void fund(DemoChain chain, PublicKey feeKey, DemoSizes sizes) {
    Payment coin = new Payment(script(feeKey), DemoSizes.FEE_COIN);
    chain.fund(Collections.nCopies(sizes.feeCoins(), coin));
  }
}
