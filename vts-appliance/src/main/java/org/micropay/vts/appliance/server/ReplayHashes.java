package org.micropay.vts.appliance.server;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.micropay.vts.journal.BatchHasher;
import org.micropay.vts.ledger.KeyedHashes;
import org.micropay.vts.ledger.TermsDigests;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.MessageHasher;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.ticket.TaggedHash;
import org.micropay.vts.ticket.TermsLayout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a replay hashes many times, several messages at a time where the kernel can do that and
 * agrees with Java on this machine; else Java hashes. Never silently wrong. Any thread.
 */
public final class ReplayHashes {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayHashes.class);
  private static final int CASES = 64;
  private static final int LONGEST_KEYED = 128;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MessageHasher hasher;
  private final Optional<KeyedHashes> keys;

  private ReplayHashes(MessageHasher hasher, Optional<KeyedHashes> keys) {
    this.hasher = hasher;
    this.keys = keys;
  }

  /** The kernel's, after a comparison with Java's. */
  public static ReplayHashes of(Kernel kernel) {
    if (kernel.messageHasher().isEmpty()) {
      return jdk();
    }
    Optional<KeyedHashes> keys = kernel.keyedHasher().map(keyed -> keyed::hash);
    ReplayHashes candidate = new ReplayHashes(kernel.messageHasher().get(), keys);
    if (!candidate.agrees() || keys.isPresent() && !agrees(keys.get())) {
      LOG.error("the kernel's hashes differ from Java's; not used for the replay");
      return jdk();
    }
    return candidate;
  }

  /** Java's: SHA-256 of the JDK, and SipHash one after the other. */
  public static ReplayHashes jdk() {
    return new ReplayHashes(null, Optional.empty());
  }

  /** For the journal's hash chain; null: one record after the other. */
  BatchHasher chain() {
    return hasher == null ? null : hasher::hash;
  }

  /** For the ledger; one thread at a time. */
  TermsDigests terms() {
    return hasher == null ? TermsDigests.jdk() : new KernelTerms(hasher, Arena.ofAuto());
  }

  /** For the ledger's keys and its digest; empty: one after the other. */
  Optional<KeyedHashes> keys() {
    return keys;
  }

  /** Every length that a replay hashes, under two keys. */
  private static boolean agrees(KeyedHashes keys) {
    byte[] messages = new byte[CASES * LONGEST_KEYED];
    byte[] secrets = new byte[2 * KeyedHashes.KEY_BYTES];
    SplittableRandom random = new SplittableRandom(1);
    random.nextBytes(messages);
    random.nextBytes(secrets);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(messages.length, Long.BYTES);
      memory.copyFrom(MemorySegment.ofArray(messages));
      MemorySegment pair = arena.allocate(secrets.length, Long.BYTES);
      pair.copyFrom(MemorySegment.ofArray(secrets));
      MemorySegment first = arena.allocate(2L * CASES * Long.BYTES, Long.BYTES);
      MemorySegment second = arena.allocate(first.byteSize(), Long.BYTES);
      KeyedHashes java = KeyedHashes.oneByOne(LONGEST_KEYED);
      for (int length = 0; length <= LONGEST_KEYED; length++) {
        keys.hash(pair, 2, memory, LONGEST_KEYED, length, first, CASES);
        java.hash(pair, 2, memory, LONGEST_KEYED, length, second, CASES);
        if (first.mismatch(second) != -1) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean agrees() {
    try (Arena arena = Arena.ofConfined()) {
      byte[] terms = new byte[CASES * TermsLayout.LENGTH];
      new SplittableRandom(1).nextBytes(terms);
      MemorySegment memory = arena.allocate(terms.length, Long.BYTES);
      MemorySegment.copy(terms, 0, memory, ValueLayout.JAVA_BYTE, 0, terms.length);
      MemorySegment digests = arena.allocate(CASES * Sha256.LENGTH, Long.BYTES);
      byte[][] results = new byte[2][];
      for (TermsDigests some : new TermsDigests[] {terms(), TermsDigests.jdk()}) {
        some.hash(memory, digests, CASES);
        results[0] = results[1];
        results[1] = digests.toArray(ValueLayout.JAVA_BYTE);
        digests.fill((byte) 0);
      }
      return Arrays.equals(results[0], results[1]);
    }
  }

  /** Terms lie one behind the other, so that their tasks are always the same. */
  private static final class KernelTerms implements TermsDigests {
    private static final int MOST = 256;

    private final MessageHasher hasher;
    private final MemorySegment prefix;
    private final MemorySegment tasks;

    KernelTerms(MessageHasher hasher, Arena arena) {
      this.hasher = hasher;
      byte[] tag = new byte[TaggedHash.PREFIX_LENGTH];
      TaggedHash.TERMS.copyPrefixTo(tag, 0);
      prefix = arena.allocate(tag.length, tag.length);
      MemorySegment.copy(tag, 0, prefix, ValueLayout.JAVA_BYTE, 0, tag.length);
      tasks = arena.allocate((long) MOST * MessageHasher.TASK_BYTES, Long.BYTES);
      for (int i = 0; i < MOST; i++) {
        long at = (long) i * MessageHasher.TASK_BYTES;
        tasks.set(INT, at, i * TermsLayout.LENGTH);
        tasks.set(INT, at + 4, TermsLayout.LENGTH);
        tasks.set(INT, at + 8, i * Sha256.LENGTH);
      }
    }

    @Override
    public void hash(MemorySegment terms, MemorySegment digests, int count) {
      for (int from = 0; from < count; from += MOST) {
        hasher.hash(
            prefix,
            terms.asSlice((long) from * TermsLayout.LENGTH),
            tasks,
            digests.asSlice((long) from * Sha256.LENGTH),
            Math.min(MOST, count - from));
      }
    }
  }
}
