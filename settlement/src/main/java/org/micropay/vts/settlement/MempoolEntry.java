package org.micropay.vts.settlement;

/**
 * What the mempool says of one transaction.
 *
 * @param fee satoshi that it pays
 * @param vsize its virtual bytes
 * @param familySize it and everything that spends it, transactions
 * @param familyFees satoshi that all of those pay: what a replacement must exceed (BIP 125, rule 3)
 */
public record MempoolEntry(long fee, int vsize, int familySize, long familyFees) {}
