package org.micropay.vts.appliance.server;

import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;

/**
 * What a client must know before its first claim.
 *
 * @param network the chain that is served
 * @param vtsKey the key that terms must name
 * @param minConfirmations blocks that must bury an escrow
 * @param refundMargin blocks that must lie between the tip and the refund height
 */
public record ServerIdentity(
    Network network, PublicKey vtsKey, int minConfirmations, int refundMargin) {}
