package org.micropay.vts.settlement;

import org.micropay.vts.ticket.Outpoint;

/**
 * A confirmed output of the fee wallet.
 *
 * @param outpoint where it is
 * @param value satoshi
 */
public record FeeCoin(Outpoint outpoint, long value) {}
