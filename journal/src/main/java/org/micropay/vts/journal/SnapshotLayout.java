package org.micropay.vts.journal;

/**
 * The bytes of a snapshot file: a container of named sections, each with a version, a length and a
 * digest. What a section holds is its owner's. Integers are little endian.
 *
 * <pre>
 *  offset   size
 *       0      8  magic "VTSSNAP1"
 *       8     32  identity of the journal
 *      40      8  position of the last record that is part of the state, from 1
 *      48     32  chain hash of that record
 *      80      8  time of that record, milliseconds since the Unix epoch
 *      88      8  floor: the lowest position of a record that going on from here still needs
 *      96      4  epoch, and
 *     100      8  offset in the queue file, of that record (a hint that saves a search)
 *     108     52  name of the queue file, ASCII, padded with zeros
 *     160         sections, one behind the other
 *       t   n*72  table, an entry for each section:
 *                    0   16  name, ASCII, padded with zeros
 *                   16    4  version
 *                   20    4  zero
 *                   24    8  offset in this file
 *                   32    8  length
 *                   40   32  SHA-256 of the section's bytes
 *  t+n*72      4  n
 *  t+n*72+4    4  zero
 *  t+n*72+8   32  SHA-256(bytes 0..160 || table || n || zero)
 * </pre>
 *
 * <p>So the last 32 bytes commit to every byte, and a file is written in one pass.
 */
final class SnapshotLayout {
  static final long MAGIC = 0x3150414e53535456L;
  static final int IDENTITY = 8;
  static final int POSITION = 40;
  static final int CHAIN = 48;
  static final int TIME = 80;
  static final int FLOOR = 88;
  static final int EPOCH = 96;
  static final int OFFSET = 100;
  static final int FILE_NAME = 108;
  static final int FILE_NAME_LENGTH = 52;
  static final int HEAD_LENGTH = 160;
  static final int NAME_LENGTH = 16;
  static final int ENTRY_LENGTH = 72;
  static final int COUNT_LENGTH = 8;
  static final int DIGEST_LENGTH = 32;
  static final int MAX_SECTIONS = 64;

  private SnapshotLayout() {}
}
