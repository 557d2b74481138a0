package org.micropay.vts.experiments;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.micropay.vts.merchant.PresentedTicket;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.BatchSigner;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/**
 * The experiment's buyers: tickets made in batches before they are needed, so that the client's
 * signing does not stand in the server's measurement. Returning buyers pay with the same escrow
 * until it wins, as buyers do: at 1/128, 128 tickets on average. New ones pay with an escrow that
 * the merchant has not seen for longer than he remembers. An escrow whose ticket won is not used
 * again. Owns the keys; one thread, except {@link #won} and {@link #hasWon}.
 */
final class Buyers implements AutoCloseable {
  private final SecureRandom random = new SecureRandom();
  private final Kernel kernel;
  private final SecretKey[] keys = new SecretKey[Sample.BUYERS];
  private final Terms[] terms;
  private final BitSet won = new BitSet();
  private final int[] returning = new int[RETURNING];
  private final BitSet assigned = new BitSet();
  private int nextReturning;
  private int cursor;

  /** Buyers that come back. */
  static final int RETURNING = 4_096;

  /** Escrows in turn that no merchant remembers all of. */
  private static final int UNREMEMBERED = 20_000;

  /** Escrows for so many tickets of each kind. */
  static int escrowsFor(long tickets) {
    return RETURNING + UNREMEMBERED + (int) (3 * tickets / Sample.ODDS);
  }

  /**
   * A ticket ready to be sent.
   *
   * @param escrow it is on
   * @param presented with its ask's counter
   */
  record Made(int escrow, PresentedTicket presented) {}

  Buyers(Kernel kernel, long seed, int escrows) {
    this.kernel = kernel;
    byte[] vtsKey;
    try (SecretKey vts = Sample.key("vts", seed, 0)) {
      vtsKey = vts.publicKey();
    }
    for (int i = 0; i < keys.length; i++) {
      keys[i] = Sample.key("buyer", seed, i);
    }
    terms = new Terms[escrows];
    for (int i = 0; i < escrows; i++) {
      terms[i] = Sample.terms(keys[i % keys.length].publicKey(), vtsKey, i, Sample.ODDS);
    }
    for (int i = 0; i < RETURNING; i++) {
      assign(i);
    }
  }

  private void assign(int buyer) {
    returning[buyer] = nextEscrow();
    assigned.set(returning[buyer]);
  }

  /** This escrow's ticket won; any thread. */
  void won(int escrow) {
    synchronized (won) {
      won.set(escrow);
    }
  }

  /** Whether a ticket of this escrow has won; any thread. */
  boolean hasWon(int escrow) {
    synchronized (won) {
      return won.get(escrow);
    }
  }

  /** The next escrow in turn that has not won and is no returning buyer's. */
  private int nextEscrow() {
    for (int tried = 0; tried < terms.length; tried++) {
      int escrow = cursor;
      cursor = (cursor + 1) % terms.length;
      if (!assigned.get(escrow) && !hasWon(escrow)) {
        return escrow;
      }
    }
    throw new LoadException("every escrow of the experiment has won; start it anew");
  }

  /** The escrow of the next buyer who comes back. */
  private int nextReturning() {
    int buyer = nextReturning;
    nextReturning = (nextReturning + 1) % RETURNING;
    if (hasWon(returning[buyer])) {
      assign(buyer);
    }
    return returning[buyer];
  }

  /** One ticket, made while the merchant waits; any thread. */
  synchronized Made make(Asked asked) {
    int escrow = nextReturning();
    byte[] r2 = new byte[Bytes16.LENGTH];
    random.nextBytes(r2);
    Ticket ticket =
        TicketSigner.ticket(
            keys[escrow % keys.length], terms[escrow], asked.ask(), Bytes16.of(r2), Sample.EXPIRY);
    return new Made(escrow, new PresentedTicket(asked.counter(), ticket));
  }

  /** A ticket for each ask, by buyers who come back or by new ones. */
  List<Made> make(List<Asked> asks, boolean comeBack) {
    List<List<Integer>> byKey = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      byKey.add(new ArrayList<>());
    }
    int[] escrows = new int[asks.size()];
    for (int i = 0; i < escrows.length; i++) {
      escrows[i] = comeBack ? nextReturning() : nextEscrow();
      byKey.get(escrows[i] % keys.length).add(i);
    }
    Made[] made = new Made[asks.size()];
    for (int key = 0; key < keys.length; key++) {
      sign(keys[key], byKey.get(key), asks, escrows, made);
    }
    return List.of(made);
  }

  private void sign(
      SecretKey key, List<Integer> items, List<Asked> asks, int[] escrows, Made[] made) {
    if (items.isEmpty()) {
      return;
    }
    Bytes16[] r2 = new Bytes16[items.size()];
    byte[] drawn = new byte[Bytes16.LENGTH];
    try (Arena arena = Arena.ofConfined();
        BatchSigner signer = kernel.newSigner(key)) {
      long count = 2L * items.size();
      MemorySegment digests = arena.allocate(count * Ecdsa.DIGEST_BYTES, 64);
      MemorySegment signatures = arena.allocate(count * Ecdsa.SIGNATURE_BYTES, 64);
      MemorySegment verdicts = arena.allocate(count, 64);
      for (int i = 0; i < items.size(); i++) {
        random.nextBytes(drawn);
        r2[i] = Bytes16.of(drawn);
        Asked asked = asks.get(items.get(i));
        Terms on = terms[escrows[items.get(i)]];
        byte[] ticket =
            Ticket.digest(
                    on.digest(),
                    asked.ask().commitment(),
                    r2[i],
                    Sample.EXPIRY,
                    asked.ask().payoutScript())
                .toArray();
        byte[] spend = SpendTemplate.release(on, asked.ask().payoutScript()).digest().toArray();
        MemorySegment.copy(ticket, 0, digests, ValueLayout.JAVA_BYTE, 64L * i, 32);
        MemorySegment.copy(spend, 0, digests, ValueLayout.JAVA_BYTE, 64L * i + 32, 32);
      }
      signer.sign(digests, signatures, verdicts, (int) count);
      for (int i = 0; i < items.size(); i++) {
        int item = items.get(i);
        Asked asked = asks.get(item);
        Ticket ticket =
            new Ticket(
                terms[escrows[item]].digest(),
                asked.ask().commitment(),
                r2[i],
                Sample.EXPIRY,
                asked.ask().payoutScript(),
                signature(signatures, 2L * i),
                signature(signatures, 2L * i + 1));
        made[item] = new Made(escrows[item], new PresentedTicket(asked.counter(), ticket));
      }
    }
  }

  private static CompactSignature signature(MemorySegment column, long item) {
    return CompactSignature.of(
        column
            .asSlice(item * Ecdsa.SIGNATURE_BYTES, Ecdsa.SIGNATURE_BYTES)
            .toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public void close() {
    for (SecretKey key : keys) {
      key.close();
    }
  }
}
