package org.micropay.vts.appliance.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.agrona.DirectBuffer;
import org.micropay.vts.ledger.RecordType;

/**
 * A part of the server's state: a fold over the journal's records and nothing else, so that reading
 * them again, or a snapshot and the records behind it, always gives the same. It becomes a section
 * of each snapshot; {@link ServerState} lists them all. docs/internals/journal.md says how to add
 * one.
 *
 * <p>One thread at a time. Live code may go on with what a section holds once recovery is over;
 * snapshots are taken from sections of their own.
 */
interface StateSection extends AutoCloseable {
  /** Records that a section gets at once, at most: what the caches hold ahead. */
  int BATCH = 128;

  /** At most 16 printable ASCII characters; never changes. */
  String name();

  /** Of the bytes that {@link #write} writes, from 1; one more whenever they change. */
  int version();

  /**
   * Folds one record in. Records of all types come, in order; the payload is valid during the call.
   *
   * @throws RuntimeException when the record cannot follow what was folded before; recovery refuses
   *     the journal then
   */
  void apply(
      long position,
      RecordType type,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      int length);

  /**
   * Folds records {@code from} up to {@code to} of a chunk in. A section that looks up random
   * memory overrides it, to look up for all of them at the same time first.
   */
  default void apply(RecordChunk chunk, int from, int to) {
    for (int i = from; i < to; i++) {
      apply(
          chunk.position(i),
          chunk.type(i),
          chunk.timeMillis(i),
          chunk.buffer(),
          chunk.offset(i),
          chunk.length(i));
    }
  }

  /** Writes the state as it is after the record applied last. */
  void write(OutputStream out) throws IOException;

  /**
   * Takes over what {@link #write} wrote, into a new section.
   *
   * @param version what {@link #version} was when it was written
   * @throws IllegalArgumentException for a version or content that cannot be taken; the snapshot is
   *     left aside then, and an older one or the journal is read
   */
  void read(int version, InputStream in) throws IOException;

  /** All sections were read; the snapshot's last record has this position. */
  default void restored(long position) {}

  /**
   * The lowest position of a journal record that is still needed when a server goes on from this
   * state; the journal's files up to there are kept. {@link Long#MAX_VALUE} when there is none.
   */
  default long floor() {
    return Long.MAX_VALUE;
  }

  /** Gives native memory back. */
  @Override
  default void close() {}

  /** Refuses a version other than the present one. */
  static void requireVersion(String name, int known, int version) {
    if (version != known) {
      throw new IllegalArgumentException(
          "section %s has version %d, this program reads %d".formatted(name, version, known));
    }
  }
}
