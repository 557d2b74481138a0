package org.micropay.vts.merchant;

import org.micropay.vts.ticket.PublicKey;

/**
 * What the VTS says when a stream opens.
 *
 * @param networkMagic P2P magic of its chain, read little-endian
 * @param vtsKey key that terms must name
 * @param maxInFlight unanswered requests that one connection may have
 * @param minConfirmations blocks that must bury an escrow before a claim is granted
 * @param refundMargin blocks that must lie between the tip and the refund height
 * @param timeMillis the VTS's clock, Unix milliseconds
 */
public record Welcome(
    int networkMagic,
    PublicKey vtsKey,
    int maxInFlight,
    int minConfirmations,
    int refundMargin,
    long timeMillis) {}
