package org.micropay.vts.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SipHashPairTest {
  @Test
  void shouldHashAsTheSingleOneDoesUnderEachKey() {
    SplittableRandom random = Samples.random("shouldHashAsTheSingleOneDoesUnderEachKey");
    for (int length = 0; length < 200; length++) {
      byte[] message = new byte[length + 8];
      random.nextBytes(message);
      long[] keys = random.longs(4).toArray();
      SipHashPair pair = new SipHashPair(keys[0], keys[1], keys[2], keys[3]);
      pair.hash(message, length);
      assertEquals(SipHash.hash(keys[0], keys[1], message, 0, length), pair.first());
      assertEquals(SipHash.hash(keys[2], keys[3], message, 0, length), pair.second());
    }
  }
}
