package org.micropay.vts.appliance.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.agrona.DirectBuffer;
import org.micropay.vts.ledger.RecordType;

/** The guard of grants as a section. */
final class GuardSection implements StateSection {
  private GrantGuard guard;

  GuardSection(int escrowCapacity) {
    guard = GrantGuard.create(escrowCapacity);
  }

  /** Gives the guard away: who takes it closes it. */
  GrantGuard take() {
    GrantGuard taken = guard;
    guard = null;
    return taken;
  }

  @Override
  public String name() {
    return "grant-guard";
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
    guard.onRecord(position, type.number(), payload, offset, length);
  }

  @Override
  public void apply(RecordChunk chunk, int from, int to) {
    guard.onRecords(chunk, from, to);
  }

  @Override
  public void write(OutputStream out) throws IOException {
    guard.write(out);
  }

  @Override
  public void read(int version, InputStream in) throws IOException {
    StateSection.requireVersion(name(), version(), version);
    guard.read(in);
  }

  @Override
  public void close() {
    if (guard != null) {
      guard.close();
    }
  }
}
