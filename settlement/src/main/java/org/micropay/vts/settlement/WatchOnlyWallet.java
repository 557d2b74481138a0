package org.micropay.vts.settlement;

import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.PublicKey;

/**
 * A fee wallet whose key is elsewhere: settlement sees its coins by a descriptor, and its holder
 * signs batches as PSBTs. It never signs anything itself.
 *
 * @param descriptor public keys only
 * @param index which of its addresses holds the coins; raised to rotate the key
 */
public record WatchOnlyWallet(FeeDescriptor descriptor, int index) implements FeeSigner {
  /** Checks that the address exists. */
  public WatchOnlyWallet {
    descriptor.key(index);
  }

  @Override
  public PublicKey publicKey() {
    return descriptor.key(index);
  }

  @Override
  public boolean canSign() {
    return false;
  }

  @Override
  public CompactSignature sign(Bytes32 digest) {
    throw new IllegalStateException("the fee wallet is watch-only: its key signs elsewhere");
  }
}
