package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class ScalarBatchSignerTest extends BatchSignerContract {
  @Override
  BatchSigner newSigner(SecretKey key) {
    return ScalarBatchSigner.create(key);
  }

  @Test
  void shouldHandOutNothingThatDoesNotVerify() {
    try (SecretKey key = SecretKey.generate();
        SecretKey other = SecretKey.generate();
        BatchSigner signer = ScalarBatchSigner.create(key, other.publicKey());
        Arena arena = Arena.ofConfined()) {
      MemorySegment digests = arena.allocate(3 * 32);
      MemorySegment signatures = arena.allocate(3 * 64).fill((byte) 0x5a);
      MemorySegment verdicts = arena.allocate(3).fill((byte) 0x5a);
      signer.sign(digests, signatures, verdicts, 3);
      assertArrayEquals(new byte[3], verdicts.toArray(ValueLayout.JAVA_BYTE));
      assertArrayEquals(new byte[3 * 64], signatures.toArray(ValueLayout.JAVA_BYTE));
    }
  }
}
