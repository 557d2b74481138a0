package org.micropay.vts.appliance.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.agrona.DirectBuffer;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;

/** The ledger as a section: its bytes are {@link Ledger#writeSnapshot}'s. */
final class LedgerSection implements StateSection {
  private static final int CHUNK = 1 << 16;

  private final int escrowSlots;
  private final int depositSlots;
  private Ledger ledger;

  /** With memory for at least so many escrows and deposits. */
  LedgerSection(int escrowSlots, int depositSlots) {
    this.escrowSlots = escrowSlots;
    this.depositSlots = depositSlots;
  }

  /** Null before the first record. */
  Ledger ledger() {
    return ledger;
  }

  /** Gives the ledger away, or makes a first one: who takes it closes it. */
  Ledger take(LedgerPolicy first) {
    Ledger taken = ledger == null ? Ledger.create(first) : ledger;
    ledger = null;
    return taken;
  }

  @Override
  public String name() {
    return "ledger";
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
    if (ledger == null) {
      if (type != RecordType.CONFIG) {
        throw new IllegalStateException(
            "the journal begins with a record of type " + type + ", not CONFIG; it is not a VTS's");
      }
      ledger =
          Ledger.create(LedgerPolicy.decode(payload, offset, length), escrowSlots, depositSlots);
    }
    ledger.apply(position, type.number(), timeMillis, payload, offset, length);
  }

  @Override
  public void write(OutputStream out) {
    byte[] chunk = new byte[CHUNK];
    ledger.writeSnapshot(
        (buffer, offset, length) -> {
          buffer.getBytes(offset, chunk, 0, length);
          try {
            out.write(chunk, 0, length);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Override
  public void read(int version, InputStream in) throws IOException {
    StateSection.requireVersion(name(), version(), version);
    byte[] chunk = new byte[CHUNK];
    // Half of the work, the indexes, is done on a second core.
    try (ExecutorService indexing =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("vts-snapshot-load").factory())) {
      ledger =
          Ledger.loadSnapshot(
              (buffer, offset, length) -> {
                int at = 0;
                while (at < length) {
                  int step = Math.min(CHUNK, length - at);
                  try {
                    if (in.readNBytes(chunk, 0, step) != step) {
                      throw new IllegalArgumentException("ledger snapshot ends early");
                    }
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                  buffer.putBytes(offset + at, chunk, 0, step);
                  at += step;
                }
              },
              escrowSlots,
              depositSlots,
              indexing);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public void close() {
    if (ledger != null) {
      ledger.close();
    }
  }
}
