package org.micropay.vts.ticket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Test;

/** The fast form against Bouncy Castle's HMAC. */
class FastOpeningsTest {
  private final Random random = Seed.random("FastOpeningsTest");
  private final byte[] secret = new Samples(random).bytes(32);

  @Test
  void shouldBeTheHmacOfTheCounter() {
    FastOpenings openings = FastOpenings.of(secret);
    for (int i = 0; i < 1_000; i++) {
      long counter = random.nextLong() >>> random.nextInt(64);
      HMac mac = new HMac(new SHA256Digest());
      mac.init(new KeyParameter(secret));
      for (int shift = 0; shift < 64; shift += 8) {
        mac.update((byte) (counter >>> shift));
      }
      byte[] expected = new byte[32];
      mac.doFinal(expected, 0);
      assertArrayEquals(expected, openings.at(counter).encode());
      assertEquals(openings.at(counter), FastOpenings.of(secret).at(counter));
    }
  }

  @Test
  void shouldDifferByCounterAndSecret() {
    FastOpenings openings = FastOpenings.of(secret);
    assertNotEquals(openings.at(1), openings.at(2));
    byte[] other = secret.clone();
    other[31] ^= 1;
    assertNotEquals(openings.at(1), FastOpenings.of(other).at(1));
  }

  @Test
  void shouldRefuseSecretsOfOtherLengths() {
    assertThrows(IllegalArgumentException.class, () -> FastOpenings.of(new byte[31]));
    assertThrows(IllegalArgumentException.class, () -> FastOpenings.of(new byte[33]));
  }
}
