package org.micropay.vts.appliance.http;

import org.micropay.vts.appliance.server.ServerIdentity;

/**
 * What a client must know before anything else.
 *
 * @param protocol name and version
 * @param network chain that is served
 * @param networkMagic its P2P magic as hex of the bytes on the wire
 * @param vtsKey key that terms must name, hex
 * @param minConfirmations blocks that must bury an escrow before a claim is granted
 * @param refundMargin blocks that must lie between the tip and the refund height
 * @param logKey verifier key of the transparency log's checkpoints
 */
record Supported(
    String protocol,
    String network,
    String networkMagic,
    String vtsKey,
    int minConfirmations,
    int refundMargin,
    String logKey) {
  static Supported of(ServerIdentity identity, String logKey) {
    return new Supported(
        "micropay2-vts/1",
        identity.network().id(),
        "%08x".formatted(Integer.reverseBytes(identity.network().magic())),
        identity.vtsKey().toHex(),
        identity.minConfirmations(),
        identity.refundMargin(),
        logKey);
  }
}
