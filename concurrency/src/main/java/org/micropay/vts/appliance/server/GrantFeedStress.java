package org.micropay.vts.appliance.server;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.agrona.collections.LongArrayList;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.pipeline.StressSlots;
import org.micropay.vts.secp256k1.BatchSigner;
import org.micropay.vts.settlement.GrantedClaim;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Grants on their way from the reply stage to settlement: each arrives whole, in order and once.
 * What does not fit is {@link MissedGrantsStress}'s.
 */
@JCStressTest
@Outcome(id = "0, 2", expect = Expect.ACCEPTABLE, desc = "nothing yet, then both")
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "the first, then the second")
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "both")
@Outcome(expect = Expect.FORBIDDEN, desc = "torn, lost or out of order")
@State
public class GrantFeedStress {
  private static final int BUFFER_BYTES = 4096;
  private static final int LOOKS = 16;
  private static final int BROKEN = -100;
  private static final ClaimSlot FIRST = StressSlots.granted(1);
  private static final ClaimSlot SECOND = StressSlots.granted(2);

  private final GrantFeed feed =
      new GrantFeed(
          BUFFER_BYTES, Path.of(""), () -> 0, new NoSigner(), this::take, new LongArrayList());
  private int taken;

  /** Nothing here comes from the journal, so nothing is signed again. */
  private static final class NoSigner implements BatchSigner {
    @Override
    public void sign(
        MemorySegment digests, MemorySegment signatures, MemorySegment verdicts, int count) {
      throw new IllegalStateException("nothing is to be signed here");
    }

    @Override
    public byte[] publicKey() {
      return new byte[33];
    }

    @Override
    public String name() {
      return "none";
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }

  private boolean take(GrantedClaim grant) {
    boolean whole =
        grant.position() == taken + 1
            && grant.claim().length == StressSlots.CLAIM_LENGTH
            && isAll(grant.claim(), taken + 1)
            && isAll(grant.counterSignature(), taken + 1);
    taken = whole ? taken + 1 : BROKEN;
    return true;
  }

  private static boolean isAll(byte[] bytes, int value) {
    for (byte one : bytes) {
      if (one != value) {
        return false;
      }
    }
    return true;
  }

  /** The reply stage. */
  @Actor
  public void reply() {
    feed.onGrant(FIRST);
    feed.onGrant(SECOND);
  }

  /** The settlement thread. */
  @Actor
  public void settlement(II_Result result) {
    for (int look = 0; look < LOOKS; look++) {
      feed.doWork();
    }
    result.r1 = taken;
  }

  /** Afterwards. */
  @Arbiter
  public void after(II_Result result) {
    feed.doWork();
    result.r2 = taken;
    feed.close();
  }
}
