/**
 * Bitcoin: the view of the chain, the escrows on it, and the settlement of granted claims.
 *
 * <p>{@link org.micropay.vts.settlement.Chain} is the port to the block chain, with an embedded
 * regtest chain and Bitcoin Core's RPC behind it. {@link org.micropay.vts.settlement.ChainFollower}
 * walks it and tells the ledger; {@link org.micropay.vts.settlement.Settler} turns grants into
 * batch transactions. Nothing here holds the counter-signing key.
 */
package org.micropay.vts.settlement;
