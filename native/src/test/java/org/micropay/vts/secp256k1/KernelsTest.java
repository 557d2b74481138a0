package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class KernelsTest {
  @Test
  void shouldSelectByConfigurationAndSayWhy() {
    assertEquals("scalar", Kernels.select("scalar").name());
    assertEquals("chosen by configuration", Kernels.select("scalar").reason());
    Kernel auto = Kernels.select("auto");
    System.out.println("kernel auto: " + auto.name() + ", " + auto.reason());
    assertFalse(auto.reason().isBlank());
    if (auto.name().equals("vector")) {
      assertEquals("vector", Kernels.select("vector").name());
    } else {
      IllegalStateException refused =
          assertThrows(IllegalStateException.class, () -> Kernels.select("vector"));
      assertTrue(refused.getMessage().contains(auto.reason()), refused.getMessage());
    }
    IllegalArgumentException unknown =
        assertThrows(IllegalArgumentException.class, () -> Kernels.select("gpu"));
    assertTrue(unknown.getMessage().contains("'gpu'"), unknown.getMessage());
  }

  @Test
  void shouldPassTheSelfTestWithTheReferenceItself() {
    assertNull(KernelSelfTest.findFault(ScalarBatchVerifier.create(), ScalarBatchSigner::create));
  }

  @Test
  void shouldFailTheSelfTestOfAFaultyVerifier() {
    for (Fault fault : Fault.values()) {
      String found = KernelSelfTest.findFault(new FaultyVerifier(fault), ScalarBatchSigner::create);
      assertNotNull(found, fault.name());
    }
  }

  @Test
  void shouldFailTheSelfTestOfAFaultySigner() {
    assertNotNull(KernelSelfTest.findFault(ScalarBatchVerifier.create(), FaultySigner::new));
  }

  /** Verifiers as they go wrong: each fault must be one that the self-test sees. */
  private enum Fault {
    ACCEPTS_ALL,
    REFUSES_ALL,
    LAST_ITEM_WRONG,
    ACCEPTS_HIGH_S,
    REFUSES_HIGH_X,
    IGNORES_KEY_PREFIX
  }

  private record FaultyVerifier(BatchVerifier real, Fault fault) implements BatchVerifier {
    FaultyVerifier(Fault fault) {
      this(ScalarBatchVerifier.create(), fault);
    }

    @Override
    public void verify(
        MemorySegment digests,
        MemorySegment signatures,
        MemorySegment publicKeys,
        MemorySegment verdicts,
        int keys,
        int perKey) {
      real.verify(digests, signatures, publicKeys, verdicts, keys, perKey);
      int items = keys * perKey;
      for (int i = 0; i < items; i++) {
        byte[] digest = VtsCheck.bytes(digests, i, 32);
        byte[] signature = VtsCheck.bytes(signatures, i, 64);
        byte[] key = VtsCheck.bytes(publicKeys, i / perKey, 33);
        byte verdict = verdicts.get(ValueLayout.JAVA_BYTE, i);
        verdicts.set(
            ValueLayout.JAVA_BYTE, i, spoil(verdict, digest, signature, key, i == items - 1));
      }
    }

    private byte spoil(byte verdict, byte[] digest, byte[] signature, byte[] key, boolean last) {
      switch (fault) {
        case ACCEPTS_ALL -> verdict = 1;
        case REFUSES_ALL -> verdict = 0;
        case LAST_ITEM_WRONG -> verdict ^= (byte) (last ? 1 : 0);
        case ACCEPTS_HIGH_S -> {
          var s = new java.math.BigInteger(1, java.util.Arrays.copyOfRange(signature, 32, 64));
          if (s.compareTo(Reference.HALF_N) > 0 && s.compareTo(Reference.N) < 0) {
            byte[] low = Reference.bytes(Reference.N.subtract(s));
            System.arraycopy(low, 0, signature, 32, 32);
            verdict = (byte) (Ecdsa.verify(digest, signature, key) ? 1 : 0);
          }
        }
        case REFUSES_HIGH_X -> verdict &= (byte) (signature[0] == 0 && signature[15] == 0 ? 0 : 1);
        case IGNORES_KEY_PREFIX -> {
          key[0] = (byte) (2 | key[0] & 1);
          verdict = (byte) (Ecdsa.verify(digest, signature, key) ? 1 : 0);
        }
      }
      return verdict;
    }

    @Override
    public String name() {
      return "faulty";
    }

    @Override
    public void close() {
      real.close();
    }
  }

  private record FaultySigner(BatchSigner real) implements BatchSigner {
    FaultySigner(SecretKey key) {
      this(ScalarBatchSigner.create(key));
    }

    /** Still a valid signature of another digest, and a verdict that says so. */
    @Override
    public void sign(
        MemorySegment digests, MemorySegment signatures, MemorySegment verdicts, int count) {
      real.sign(digests, signatures, verdicts, count);
      signatures.asSlice((count - 1) * 64L, 64).copyFrom(signatures.asSlice(0, 64));
    }

    @Override
    public byte[] publicKey() {
      return real.publicKey();
    }

    @Override
    public String name() {
      return "faulty";
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
