package org.micropay.vts.settlement;

/**
 * One output to make.
 *
 * @param script output script
 * @param value satoshi
 */
public record Payment(byte[] script, long value) {}
