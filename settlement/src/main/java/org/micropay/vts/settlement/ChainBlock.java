package org.micropay.vts.settlement;

/**
 * A whole block.
 *
 * @param ref its place
 * @param raw its serialization with witnesses (BIP 144); not copied, not to be changed
 */
public record ChainBlock(BlockRef ref, byte[] raw) {}
