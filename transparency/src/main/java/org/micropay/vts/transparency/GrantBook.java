package org.micropay.vts.transparency;

import org.micropay.vts.ticket.Bytes;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Sha256;

/**
 * Which escrows the log has granted so far, and on which a double-spend is proven: open addressing
 * over longs, 32 bytes an escrow at a fill of a half at most.
 *
 * <p>An escrow is known by 128 bits of SHA-256 of its outpoint, a claim by 64 bits of its id: both
 * too many for anybody to find two that agree by chance, and the former too many to search for. One
 * thread.
 */
final class GrantBook {
  private static final int WORDS = 4;
  private static final int KEY_HIGH = 0;
  private static final int KEY_LOW = 1;

  /** Position of the grant; its highest bit is set once a double-spend is proven. */
  private static final int GRANT = 2;

  private static final int CLAIM = 3;
  private static final long PROVEN = Long.MIN_VALUE;
  private static final int FIRST_CAPACITY = 1 << 10;

  private final Sha256 sha256 = new Sha256();
  private final byte[] digest = new byte[Bytes32.LENGTH];
  private long[] table = new long[FIRST_CAPACITY * WORDS];
  private int count;
  private int doubleSpends;

  /** Notes the leaf; null, or what is wrong with it. */
  Finding.Code add(LeafView leaf) {
    ClaimView claim = leaf.claim();
    sha256.hash(claim.buffer(), claim.outpointOffset(), Outpoint.LENGTH, digest, 0);
    // The lowest bit keeps the key of a used place from being zero.
    long high = Bytes.getLongLe(digest, 0);
    long low = Bytes.getLongLe(digest, 8) | 1;
    int at = find(table, high, low);
    boolean granted = table[at + KEY_LOW] != 0;
    return leaf.isGrant() ? grant(leaf, at, granted, high, low) : prove(leaf, at, granted);
  }

  private Finding.Code grant(LeafView leaf, int at, boolean granted, long high, long low) {
    if (granted) {
      return Finding.Code.SECOND_GRANT;
    }
    table[at + KEY_HIGH] = high;
    table[at + KEY_LOW] = low;
    table[at + GRANT] = leaf.position();
    table[at + CLAIM] = claimPart(leaf);
    if (++count > table.length / WORDS / 2) {
      grow();
    }
    return null;
  }

  private Finding.Code prove(LeafView leaf, int at, boolean granted) {
    if (!granted || (table[at + GRANT] & ~PROVEN) != leaf.grantPosition()) {
      return Finding.Code.NO_SUCH_GRANT;
    }
    if (table[at + CLAIM] == claimPart(leaf)) {
      return Finding.Code.SAME_CLAIM;
    }
    if ((table[at + GRANT] & PROVEN) != 0) {
      return Finding.Code.SECOND_PROOF;
    }
    table[at + GRANT] |= PROVEN;
    doubleSpends++;
    return null;
  }

  private static long claimPart(LeafView leaf) {
    return Bytes.getLongLe(leaf.buffer(), leaf.offset() + LeafLayout.CLAIM_ID);
  }

  private static int find(long[] table, long high, long low) {
    int mask = table.length / WORDS - 1;
    for (int i = (int) high & mask; ; i = i + 1 & mask) {
      int at = i * WORDS;
      if (table[at + KEY_LOW] == 0 || table[at + KEY_LOW] == low && table[at + KEY_HIGH] == high) {
        return at;
      }
    }
  }

  private void grow() {
    long[] larger = new long[Math.multiplyExact(table.length, 2)];
    for (int at = 0; at < table.length; at += WORDS) {
      if (table[at + KEY_LOW] != 0) {
        int to = find(larger, table[at + KEY_HIGH], table[at + KEY_LOW]);
        System.arraycopy(table, at, larger, to, WORDS);
      }
    }
    table = larger;
  }

  /** Escrows granted. */
  int grants() {
    return count;
  }

  /** Of them with a double-spend proven. */
  int doubleSpends() {
    return doubleSpends;
  }
}
