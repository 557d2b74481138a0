package org.micropay.vts.journal;

import static org.micropay.vts.journal.SnapshotLayout.CHAIN;
import static org.micropay.vts.journal.SnapshotLayout.FILE_NAME;
import static org.micropay.vts.journal.SnapshotLayout.FILE_NAME_LENGTH;
import static org.micropay.vts.journal.SnapshotLayout.HEAD_LENGTH;
import static org.micropay.vts.journal.SnapshotLayout.IDENTITY;
import static org.micropay.vts.journal.SnapshotLayout.POSITION;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where in which journal a snapshot was taken.
 *
 * @param identity 32 bytes, the journal's
 * @param point the last record that is part of the state
 * @param location where that record lies; null when it is not known
 * @param timeMillis time of that record, milliseconds since the Unix epoch
 * @param floor the lowest position of a record that going on from here still needs; everything
 *     before it may be archived. At most the point's position
 */
public record SnapshotHead(
    byte[] identity, JournalPoint point, FrameLocation location, long timeMillis, long floor) {
  public SnapshotHead {
    identity = identity.clone();
    if (identity.length != FrameLayout.CHAIN_LENGTH
        || point.position() < 1
        || floor < 1
        || floor > point.position()) {
      throw new IllegalArgumentException(
          "snapshot at position " + point.position() + " with floor " + floor);
    }
  }

  /** A copy of the identity. */
  @Override
  public byte[] identity() {
    return identity.clone();
  }

  /** Where a replay goes on from this snapshot. */
  public JournalStart start() {
    return new JournalStart(point, location);
  }

  byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(HEAD_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(SnapshotLayout.MAGIC).put(identity);
    out.putLong(point.position()).put(point.chain()).putLong(timeMillis).putLong(floor);
    if (location != null) {
      byte[] name = location.file().getBytes(StandardCharsets.US_ASCII);
      if (name.length <= FILE_NAME_LENGTH) {
        out.putInt(location.epoch()).putLong(location.offset()).put(name);
      }
    }
    return out.array();
  }

  /** Null when the bytes are not a head. */
  static SnapshotHead decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (in.getLong(0) != SnapshotLayout.MAGIC) {
      return null;
    }
    String name =
        new String(bytes, FILE_NAME, FILE_NAME_LENGTH, StandardCharsets.US_ASCII).replace("\0", "");
    int epoch = in.getInt(SnapshotLayout.EPOCH);
    try {
      return new SnapshotHead(
          Arrays.copyOfRange(bytes, IDENTITY, POSITION),
          new JournalPoint(
              in.getLong(POSITION), Arrays.copyOfRange(bytes, CHAIN, SnapshotLayout.TIME)),
          epoch == 0 ? null : new FrameLocation(epoch, name, in.getLong(SnapshotLayout.OFFSET)),
          in.getLong(SnapshotLayout.TIME),
          in.getLong(SnapshotLayout.FLOOR));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
