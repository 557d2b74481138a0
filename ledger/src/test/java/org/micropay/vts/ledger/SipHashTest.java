package org.micropay.vts.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.bouncycastle.crypto.macs.SipHash;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Test;

class SipHashTest {
  @Test
  void shouldAgreeWithThePapersVector() {
    byte[] input = new byte[15];
    for (int i = 0; i < input.length; i++) {
      input[i] = (byte) i;
    }
    assertEquals(
        0xa129ca6149be45e5L,
        org.micropay.vts.ledger.SipHash.hash(
            0x0706050403020100L, 0x0f0e0d0c0b0a0908L, input, 0, input.length));
  }

  @Test
  void shouldAgreeWithBouncyCastle() {
    SplittableRandom random = Samples.random("shouldAgreeWithBouncyCastle");
    byte[] key = new byte[16];
    UnsafeBuffer words = new UnsafeBuffer(key);
    for (int length = 0; length < 200; length++) {
      random.nextBytes(key);
      byte[] input = new byte[length + 7];
      random.nextBytes(input);
      int offset = random.nextInt(8);
      SipHash mac = new SipHash();
      mac.init(new KeyParameter(key));
      mac.update(input, offset, length);
      assertEquals(
          mac.doFinal(),
          org.micropay.vts.ledger.SipHash.hash(
              words.getLong(0, java.nio.ByteOrder.LITTLE_ENDIAN),
              words.getLong(8, java.nio.ByteOrder.LITTLE_ENDIAN),
              input,
              offset,
              length));
    }
  }
}
