package org.micropay.vts.journal;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Port: what the journal's writer asks of the operating system. {@link LinuxStorage} in production;
 * tests and the simulator put a disk that fails, lies or loses power in its place.
 */
public interface Storage {

  /** An open file that can be made durable. */
  interface Barrier extends AutoCloseable {

    /** Makes every byte of the file durable, also those written through a mapping. */
    void force() throws IOException;

    /**
     * Writes zeros to a range that has blocks and was never written, so that it is made durable
     * without a change of the file system's metadata.
     */
    void fill(long offset, long length) throws IOException;

    /**
     * Stores the bytes of a range once more, the same ones. After a sync that failed the kernel may
     * hold them as clean although the disk does not have them; only a new store makes the next
     * {@link #force()} write them.
     */
    void rewrite(long offset, long length) throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Opens an existing file, or creates an empty one. */
  Barrier open(Path file) throws IOException;

  /**
   * Gives the range real blocks on the disk, growing the file if needed, so that a later store
   * through a mapping cannot fail for want of space.
   */
  void allocate(Path file, long offset, long length) throws IOException;

  /** Makes the names in a directory durable. */
  void forceDirectory(Path directory) throws IOException;

  /** Bytes free for this user on the file system of {@code directory}. Allocates nothing. */
  long usableBytes(File directory);
}
