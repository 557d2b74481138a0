package org.micropay.vts.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The ring's path against the values, and its thrift. */
class ClaimDigesterTest {
  private final Random random = Seed.random("ClaimDigesterTest");
  private final Samples samples = new Samples(random);
  private final ClaimDigester digester = new ClaimDigester();
  private final ClaimView view = new ClaimView();
  private final byte[] column = new byte[128];

  @Test
  void shouldDigestLikeTheValues() {
    for (int i = 0; i < 500; i++) {
      Claim claim = samples.winner().claim();
      byte[] bytes = claim.encode();
      digest(bytes, bytes.length);
      assertEquals(claim.terms().digest(), Bytes32.copyOf(column, 0));
      assertEquals(claim.ticket().digest(), Bytes32.copyOf(column, 32));
      assertEquals(claim.id(), Bytes32.copyOf(column, 64));
      assertEquals(claim.spendTemplate().digest(), Bytes32.copyOf(column, 96));
      assertTrue(digester.commitmentOpens(view));
      assertEquals(claim.wins(), view.wins());
      bytes[ClaimLayout.R1 + random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
      assertFalse(digester.commitmentOpens(view));
    }
  }

  @Test
  void shouldAllocateNothingInSteadyState() {
    byte[][] claims = new byte[64][];
    for (int i = 0; i < claims.length; i++) {
      claims[i] = samples.winner().claim().encode();
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    run(claims, 20_000);
    long before = threads.getThreadAllocatedBytes(thread);
    run(claims, 20_000);
    long allocated = threads.getThreadAllocatedBytes(thread) - before;
    // The reading of the counter itself may allocate a little; one byte per claim would be 20,000.
    assertTrue(allocated < 2_000, allocated + " bytes for 20,000 claims");
  }

  private void run(byte[][] claims, int count) {
    for (int i = 0; i < count; i++) {
      byte[] claim = claims[i % claims.length];
      assertEquals(0, view.wrap(claim, 0, claim.length).checkWellFormed());
      digest(claim, claim.length);
      if (!digester.commitmentOpens(view)) {
        throw new AssertionError("commitment of claim " + i);
      }
    }
  }

  private void digest(byte[] claim, int length) {
    view.wrap(claim, 0, length);
    digester.termsDigest(view, column, 0);
    digester.ticketDigest(view, column, 0, column, 32);
    digester.claimId(view, column, 0, column, 64);
    digester.spendDigest(view, column, 96);
  }
}
