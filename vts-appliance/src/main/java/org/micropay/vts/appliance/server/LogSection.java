package org.micropay.vts.appliance.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.transparency.CheckpointRecord;

/** The newest checkpoint that the log has signed: its record's payload, or nothing. */
final class LogSection implements StateSection {
  private CheckpointRecord checkpoint;

  Optional<CheckpointRecord> checkpoint() {
    return Optional.ofNullable(checkpoint);
  }

  @Override
  public String name() {
    return "log";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void apply(
      long position,
      RecordType type,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      int length) {
    if (type == RecordType.CHECKPOINT) {
      byte[] bytes = new byte[length];
      payload.getBytes(offset, bytes);
      checkpoint = CheckpointRecord.decode(bytes);
    }
  }

  /** The publisher reads on behind what the checkpoint covers. */
  @Override
  public long floor() {
    return checkpoint == null ? Long.MAX_VALUE : checkpoint.through() + 1;
  }

  @Override
  public void write(OutputStream out) throws IOException {
    if (checkpoint != null) {
      out.write(checkpoint.encode());
    }
  }

  @Override
  public void read(int version, InputStream in) throws IOException {
    StateSection.requireVersion(name(), version(), version);
    byte[] bytes = in.readAllBytes();
    checkpoint = bytes.length == 0 ? null : CheckpointRecord.decode(bytes);
  }
}
