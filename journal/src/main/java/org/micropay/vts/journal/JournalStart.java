package org.micropay.vts.journal;

/**
 * Where a replay begins: behind a record that the caller knows.
 *
 * @param after the last record that is not handed over; the journal must hold it, with this chain
 *     hash
 * @param location where it was found before, or null; only saves the search
 */
public record JournalStart(JournalPoint after, FrameLocation location) {}
