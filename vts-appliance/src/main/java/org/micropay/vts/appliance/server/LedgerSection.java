package org.micropay.vts.appliance.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.agrona.DirectBuffer;
import org.micropay.vts.affinity.LargeMemory;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.ledger.KeyedHashes;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.ReplayAhead;
import org.micropay.vts.ledger.TermsDigests;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Terms;

/** The ledger as a section: its bytes are {@link Ledger#writeSnapshot}'s. */
final class LedgerSection implements StateSection {
  private static final int CHUNK = 1 << 16;

  private final int escrowSlots;
  private final int depositSlots;
  private final TermsDigests terms;
  private final Optional<KeyedHashes> keys;
  private final Arena arena = Arena.ofAuto();
  private Ledger ledger;
  private ReplayAhead ahead;

  /**
   * A section without a ledger yet.
   *
   * @param escrowSlots memory for at least so many escrows
   * @param depositSlots the same of deposits
   * @param terms used by one thread at a time
   * @param keys the same; empty: one after the other
   */
  LedgerSection(int escrowSlots, int depositSlots, TermsDigests terms, Optional<KeyedHashes> keys) {
    this.escrowSlots = escrowSlots;
    this.depositSlots = depositSlots;
    this.terms = terms;
    this.keys = keys;
  }

  /** Null before the first record. */
  Ledger ledger() {
    return ledger;
  }

  /** Gives the ledger away, or makes a first one: who takes it closes it. */
  Ledger take(LedgerPolicy first) {
    Ledger taken = ledger == null ? Ledger.create(first, 0, 0, LargeMemory::newArena) : ledger;
    taken.digestAtOnce();
    ledger = null;
    ahead = null;
    return taken;
  }

  /** The output that stands behind the escrow with these terms, if the ledger knows both. */
  Optional<Outpoint> depositOf(Terms terms) {
    return ledger == null
        ? Optional.empty()
        : ledger
            .view()
            .lookup(terms.digest())
            .flatMap(EscrowInfo::deposit)
            .map(info -> info.deposit().outpoint());
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
          Ledger.create(
              LedgerPolicy.decode(payload, offset, length),
              escrowSlots,
              depositSlots,
              LargeMemory::newArena);
      keys.ifPresent(ledger::digestInLots);
    }
    ledger.apply(position, type.number(), timeMillis, payload, offset, length);
  }

  @Override
  public void apply(RecordChunk chunk, int from, int to) {
    int next = from;
    if (ledger == null) {
      // The first record, which makes the ledger.
      StateSection.super.apply(chunk, from, from + 1);
      next++;
    }
    if (ahead == null) {
      ahead =
          keys.isPresent()
              ? ledger.newReplayAhead(arena, BATCH, terms, keys.get())
              : ledger.newReplayAhead(arena, BATCH, terms);
    }
    ahead.clear();
    for (int i = next; i < to; i++) {
      ahead.add(chunk.type(i).number(), chunk.buffer(), chunk.offset(i), chunk.length(i));
    }
    ahead.run();
    for (int i = next; i < to; i++) {
      ledger.apply(
          chunk.position(i),
          chunk.type(i).number(),
          chunk.timeMillis(i),
          chunk.buffer(),
          chunk.offset(i),
          chunk.length(i),
          ahead,
          i - next);
    }
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
              LargeMemory::newArena,
              indexing,
              terms);
      keys.ifPresent(ledger::digestInLots);
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
