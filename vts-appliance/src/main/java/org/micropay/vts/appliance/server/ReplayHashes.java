package org.micropay.vts.appliance.server;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.micropay.vts.journal.BatchHasher;
import org.micropay.vts.ledger.TermsDigests;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.MessageHasher;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.ticket.TaggedHash;
import org.micropay.vts.ticket.TermsLayout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a replay hashes many times, two messages at a time where the kernel can do that and agrees
 * with the JDK on this machine; else the JDK hashes. Never silently wrong. Any thread.
 */
public final class ReplayHashes {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayHashes.class);
  private static final int CASES = 64;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MessageHasher hasher;

  private ReplayHashes(MessageHasher hasher) {
    this.hasher = hasher;
  }

  /** The kernel's, after a comparison with the JDK's. */
  public static ReplayHashes of(Kernel kernel) {
    if (kernel.messageHasher().isEmpty()) {
      return jdk();
    }
    ReplayHashes candidate = new ReplayHashes(kernel.messageHasher().get());
    if (!candidate.agrees()) {
      LOG.error("the kernel's SHA-256 differs from the JDK's; not used for the replay");
      return jdk();
    }
    return candidate;
  }

  /** The JDK's. */
  public static ReplayHashes jdk() {
    return new ReplayHashes(null);
  }

  /** For the journal's hash chain; null: one record after the other. */
  BatchHasher chain() {
    return hasher == null ? null : hasher::hash;
  }

  /** For the ledger; one thread at a time. */
  TermsDigests terms() {
    return hasher == null ? TermsDigests.jdk() : new KernelTerms(hasher, Arena.ofAuto());
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
