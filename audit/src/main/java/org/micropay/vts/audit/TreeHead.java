package org.micropay.vts.audit;

import org.micropay.vts.ticket.Bytes32;

/**
 * A tree head of the transparency log that was published: the journal's first {@code size} leaves
 * must give this root.
 *
 * @param size number of leaves
 * @param root of the tree
 */
public record TreeHead(long size, Bytes32 root) implements EarlierState {}
