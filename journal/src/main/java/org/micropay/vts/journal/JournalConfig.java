package org.micropay.vts.journal;

import java.nio.file.Path;

/**
 * What a journal is opened with.
 *
 * @param directory created when missing; belongs to the journal alone
 * @param identity 32 bytes that say whose journal this is (for example a hash of network and key);
 *     opening a journal of another identity is refused
 * @param roll how often a new file begins
 * @param reserveBytes free disk space below which {@link Journal#belowReserve()} is true
 * @param blockBytes disk space is allocated ahead of the writer in blocks of this many bytes, a
 *     power of two from 4 MiB to 1 GiB
 */
public record JournalConfig(
    Path directory, byte[] identity, RollPeriod roll, long reserveBytes, int blockBytes) {
  // Chronicle writes a document into one mapping, of which a quarter overlaps the next: a frame
  // and Chronicle's index must fit there.
  private static final int MIN_BLOCK = 4 << 20;
  private static final int MAX_BLOCK = 1 << 30;

  public JournalConfig {
    identity = identity.clone();
    if (identity.length != FrameLayout.CHAIN_LENGTH) {
      throw illegal("identity has " + identity.length + " bytes; give 32");
    }
    if (reserveBytes < 0) {
      throw illegal("reserve of " + reserveBytes + " bytes; give 0 or more");
    }
    if (Integer.bitCount(blockBytes) != 1 || blockBytes < MIN_BLOCK || blockBytes > MAX_BLOCK) {
      throw illegal("block of " + blockBytes + " bytes; give a power of two, 4 MiB to 1 GiB");
    }
  }

  /** Hourly files, 64 MiB blocks and a reserve of 1 GiB. */
  public static JournalConfig of(Path directory, byte[] identity) {
    return new JournalConfig(directory, identity, RollPeriod.HOURLY, 1L << 30, 64 << 20);
  }

  /** A copy of the identity. */
  @Override
  public byte[] identity() {
    return identity.clone();
  }

  private static JournalException illegal(String message) {
    return new JournalException(JournalException.Reason.ILLEGAL_CALL, "journal: " + message);
  }
}
