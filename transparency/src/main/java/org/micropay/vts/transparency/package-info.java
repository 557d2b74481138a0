/**
 * The transparency log: every grant and every double-spend proof of the journal as a leaf of an
 * append-only Merkle tree (RFC 6962), published in the C2SP formats tlog-tiles, tlog-checkpoint,
 * signed-note and tlog-cosignature.
 *
 * <p>Pure functions over bytes, one store of static files, and the proofs over them. It knows the
 * protocol's claims (ticket) and the payloads of two journal records; it does not know the journal,
 * the server or the network.
 */
package org.micropay.vts.transparency;
