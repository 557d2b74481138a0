package org.micropay.vts.journal;

/**
 * Where a record lies. A hint to find it without a search; what is found there is checked.
 *
 * @param epoch number of the epoch
 * @param file name of the queue file in the epoch's folder
 * @param offset of the record's document in that file, bytes
 */
public record FrameLocation(int epoch, String file, long offset) {}
