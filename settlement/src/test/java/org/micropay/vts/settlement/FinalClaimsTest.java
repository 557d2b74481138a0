package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.agrona.collections.LongArrayList;
import org.junit.jupiter.api.Test;

/** Which grants are final, against a plain set; and how little is kept of it. */
class FinalClaimsTest {
  private static final long SEED = Long.getLong("vts.seed", System.nanoTime());

  /** Grants come, become final in any order, and now and then open again; some time it compacts. */
  @Test
  void shouldSayTheSameCompactedOrNot() {
    System.out.println("final claims: -Dvts.seed=" + SEED);
    Random random = new Random(SEED);
    FinalClaims compacted = new FinalClaims();
    FinalClaims listing = new FinalClaims();
    List<Long> grants = new ArrayList<>();
    TreeSet<Long> finals = new TreeSet<>();
    long position = 0;
    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> grants.add(position += 1 + random.nextInt(4));
        case 9 -> {
          if (!finals.isEmpty() && random.nextInt(4) == 0) {
            long undone = finals.removeFirst();
            compacted.remove(undone);
            listing.remove(undone);
          }
        }
        default -> {
          if (!grants.isEmpty()) {
            long settled = grants.get(Math.max(0, grants.size() - 1 - random.nextInt(50)));
            finals.add(settled);
            compacted.add(settled);
            listing.add(settled);
          }
        }
      }
      if (random.nextInt(100) == 0 && !grants.isEmpty()) {
        long through = grants.get(grants.size() - 1 - random.nextInt(Math.min(5, grants.size())));
        LongArrayList open = new LongArrayList();
        grants.stream()
            .filter(grant -> grant <= through && !finals.contains(grant))
            .forEach(open::addLong);
        compacted.compact(through, open);
        assertTrue(compacted.listed() <= 5, compacted.listed() + " listed");
        assertEquals(listing, compacted);
        assertEquals(compacted, listing);
        for (long grant : grants) {
          assertEquals(finals.contains(grant), compacted.contains(grant), "grant " + grant);
        }
      }
    }
  }

  @Test
  void shouldNotGoBack() {
    FinalClaims claims = new FinalClaims();
    claims.compact(10, new LongArrayList());
    claims.add(12);
    LongArrayList open = new LongArrayList();
    open.addLong(5);
    claims.compact(9, open);
    assertTrue(claims.contains(5) && claims.contains(10) && claims.contains(12));
  }
}
