package org.micropay.vts.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.micropay.vts.transparency.TestLeaves.TIME;
import static org.micropay.vts.transparency.TestLeaves.claim;
import static org.micropay.vts.transparency.TestLeaves.grant;
import static org.micropay.vts.transparency.TestLeaves.leaf;
import static org.micropay.vts.transparency.TestLeaves.proof;
import static org.micropay.vts.transparency.TestLeaves.terms;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Network;

class LeafCheckerTest {
  private final Random random = Seeds.random("LeafCheckerTest");
  private final LeafChecker checker = new LeafChecker(Optional.of(TestLeaves.VTS));

  private Finding.Code check(byte[] leaf) {
    byte[] padded = new byte[leaf.length + 5];
    System.arraycopy(leaf, 0, padded, 5, leaf.length);
    return checker
        .check(0, new LeafView().wrap(padded, 5, leaf.length))
        .map(Finding::code)
        .orElse(null);
  }

  @Test
  void shouldAcceptGrantsAndTheirProofs() {
    for (int i = 0; i < 5000; i++) {
      assertEquals(null, check(grant(i + 1, TIME + i, claim(terms(i), random))), "leaf " + i);
    }
    for (int i = 0; i < 5000; i += 3) {
      assertEquals(
          null, check(proof(6000 + i, TIME + 6000, i + 1, claim(terms(i), random))), "proof " + i);
    }
    assertEquals(5000, checker.grants());
    assertEquals(1667, checker.doubleSpends());
  }

  @Test
  void shouldFindEscrowsGrantedTwice() {
    assertEquals(null, check(grant(1, TIME, claim(terms(1), random))));
    assertEquals(null, check(grant(2, TIME, claim(terms(2), random))));
    assertEquals(Finding.Code.SECOND_GRANT, check(grant(3, TIME, claim(terms(1), random))));
    // The same output under other odds is the same escrow.
    assertEquals(
        Finding.Code.SECOND_GRANT,
        check(grant(4, TIME, claim(terms(2, TestLeaves.VTS, Network.REGTEST, 2), zeroShare()))));
  }

  /** r1 of zeros wins at any odds. */
  private static Random zeroShare() {
    return new Random() {
      private static final long serialVersionUID = 1;

      @Override
      public void nextBytes(byte[] bytes) {
        Arrays.fill(bytes, (byte) 0);
      }
    };
  }

  @Test
  void shouldHoldProofsAgainstTheirGrants() {
    Claim first = claim(terms(1), random);
    assertEquals(null, check(grant(1, TIME, first)));
    assertEquals(null, check(grant(2, TIME, claim(terms(2), random))));
    assertEquals(Finding.Code.NO_SUCH_GRANT, check(proof(3, TIME, 2, claim(terms(1), random))));
    assertEquals(Finding.Code.NO_SUCH_GRANT, check(proof(4, TIME, 1, claim(terms(3), random))));
    assertEquals(Finding.Code.SAME_CLAIM, check(proof(5, TIME, 1, first)));
    assertEquals(null, check(proof(6, TIME, 1, claim(terms(1), random))));
    assertEquals(Finding.Code.SECOND_PROOF, check(proof(7, TIME, 1, claim(terms(1), random))));
  }

  @Test
  void shouldFindWhatIsWrongWithAClaim() {
    Claim good = claim(terms(1), random);
    byte[] leaf = grant(1, TIME, good);
    byte[] wrongId = leaf.clone();
    wrongId[LeafLayout.CLAIM_ID]++;
    assertEquals(Finding.Code.WRONG_CLAIM_ID, check(wrongId));
    byte[] wrongKey = grant(2, TIME, good);
    wrongKey[LeafLayout.CLAIM + 97] = 5;
    assertEquals(Finding.Code.BAD_CLAIM, check(wrongKey));
    assertEquals(
        Finding.Code.FOREIGN_CLAIM,
        check(grant(3, TIME, claim(terms(1, TestLeaves.BUYER, Network.REGTEST, 1), random))));
    assertEquals(
        Finding.Code.EXPIRED, check(grant(4, TIME + 1, claim(terms(1), random, TIME / 1000))));
    Claim wrongOpening =
        new Claim(
            good.terms(),
            NaiveTree.sha256(),
            good.opening(),
            good.r2(),
            good.expiry(),
            good.payoutScript(),
            good.sigTicket(),
            good.sigSpend());
    assertEquals(Finding.Code.WRONG_OPENING, check(grant(5, TIME + 1, wrongOpening)));
    Claim losing =
        claim(terms(1, TestLeaves.VTS, Network.REGTEST, Integer.MAX_VALUE), new Random(42));
    assertEquals(Finding.Code.LOSING_TICKET, check(grant(6, TIME + 1, losing)));
    assertEquals(null, check(grant(7, TIME + 1, good)));
    assertEquals(
        Finding.Code.FOREIGN_CLAIM,
        check(grant(8, TIME + 1, claim(terms(2, TestLeaves.VTS, Network.MAINNET, 1), random))));
  }

  @Test
  void shouldFindWhatIsNoLeafOrOutOfOrder() {
    Claim good = claim(terms(1), random);
    byte[] leaf = grant(10, TIME, good);
    for (int kind : new int[] {0, 1, 2, 5, 30, 255}) {
      assertEquals(Finding.Code.BAD_LEAF, check(leaf(kind, 10, TIME, 10, good)));
    }
    assertEquals(Finding.Code.BAD_LEAF, check(leaf(3, 10, TIME, 9, good)));
    assertEquals(Finding.Code.BAD_LEAF, check(leaf(4, 10, TIME, 10, good)));
    assertEquals(Finding.Code.BAD_LEAF, check(leaf(4, 10, TIME, 0, good)));
    assertEquals(Finding.Code.BAD_LEAF, check(leaf(3, 0, TIME, 0, good)));
    assertEquals(Finding.Code.BAD_LEAF, check(new byte[0]));
    assertEquals(Finding.Code.BAD_LEAF, check(Arrays.copyOf(leaf, 58)));
    assertEquals(Finding.Code.BAD_LEAF, check(Arrays.copyOf(leaf, leaf.length - 1)));
    assertEquals(Finding.Code.BAD_CLAIM, check(Arrays.copyOf(leaf, leaf.length + 1)));
    byte[] version = leaf.clone();
    version[0] = 2;
    assertEquals(Finding.Code.BAD_LEAF, check(version));
    assertEquals(null, check(grant(12, TIME, good)));
    assertEquals(Finding.Code.OUT_OF_ORDER, check(grant(12, TIME, claim(terms(2), random))));
    assertEquals(Finding.Code.OUT_OF_ORDER, check(grant(13, TIME - 1, claim(terms(2), random))));
  }
}
