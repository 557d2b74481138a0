package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class EcdsaTest {
  @Test
  void shouldVerifySpecialCasesStrictly() {
    for (SpecialCases.Case one : SpecialCases.all()) {
      assertEquals(
          one.valid(), Ecdsa.verify(one.digest(), one.signature(), one.publicKey()), one.label());
      assertEquals(
          Reference.decode(one.publicKey()) != null,
          Ecdsa.isValidPublicKey(one.publicKey()),
          one.label());
    }
  }

  @Test
  void shouldSignLikeTheReference() {
    byte[] secret = Seed.bytes(Seed.random(), 32);
    byte[] digest = Seed.bytes(Seed.random(), 32);
    byte[] expected = Reference.sign(new java.math.BigInteger(1, secret), digest);
    try (SecretKey key = SecretKey.moveFrom(secret)) {
      assertArrayEquals(expected, Ecdsa.sign(key, digest));
    }
  }

  @Test
  void shouldRefuseWrongLengths() {
    try (SecretKey key = SecretKey.generate()) {
      assertThrows(IllegalArgumentException.class, () -> Ecdsa.sign(key, new byte[31]));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> Ecdsa.verify(new byte[33], new byte[64], new byte[33]));
    assertThrows(
        IllegalArgumentException.class,
        () -> Ecdsa.verify(new byte[32], new byte[65], new byte[33]));
    assertThrows(
        IllegalArgumentException.class,
        () -> Ecdsa.verify(new byte[32], new byte[64], new byte[65]));
    assertFalse(Ecdsa.isValidPublicKey(new byte[65]));
    assertFalse(Ecdsa.isValidPublicKey(new byte[0]));
  }

  @Test
  void shouldServeSeveralThreadsAtOnce() throws Exception {
    byte[] secret = Seed.bytes(Seed.random(), 32);
    try (SecretKey key = SecretKey.moveFrom(secret);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> valid = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        Random random = new Random(Seed.VALUE + thread);
        valid.add(threads.submit(() -> signAndVerify(key, random, 100)));
      }
      for (Future<Integer> count : valid) {
        assertEquals(100, count.get());
      }
    }
  }

  private static int signAndVerify(SecretKey key, Random random, int rounds) {
    int valid = 0;
    for (int i = 0; i < rounds; i++) {
      byte[] digest = Seed.bytes(random, 32);
      valid += Ecdsa.verify(digest, Ecdsa.sign(key, digest), key.publicKey()) ? 1 : 0;
    }
    return valid;
  }
}
