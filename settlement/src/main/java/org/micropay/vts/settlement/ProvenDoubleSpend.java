package org.micropay.vts.settlement;

import java.util.Objects;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Terms;

/**
 * A double-spend proof whose escrow has a deposit behind it, handed to settlement, which never has
 * the key that made the signature.
 *
 * @param position of the DOUBLE_SPEND record in the journal
 * @param terms of the escrow: they hold the deposit's keys
 * @param deposit as registered
 * @param burnSignature the VTS's signature over the burn
 */
public record ProvenDoubleSpend(
    long position, Terms terms, Deposit deposit, CompactSignature burnSignature) {
  /** Checks that all is there. */
  public ProvenDoubleSpend {
    Objects.requireNonNull(terms);
    Objects.requireNonNull(deposit);
    Objects.requireNonNull(burnSignature);
    if (position < 1) {
      throw new IllegalArgumentException("double-spend proof at position " + position);
    }
  }

  BurnPair pair() {
    return BurnPair.of(terms, deposit, burnSignature);
  }
}
