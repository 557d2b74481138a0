package org.micropay.vts.secp256k1;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Random;

/** Fills columns with signatures, about half of them damaged in one of many ways. */
final class RandomCases implements AutoCloseable {
  private static final BigInteger[] EDGES = {
    BigInteger.ZERO,
    BigInteger.ONE,
    Reference.HALF_N,
    Reference.HALF_N.add(BigInteger.ONE),
    Reference.N.subtract(BigInteger.ONE),
    Reference.N,
    Reference.P.subtract(Reference.N),
    Reference.P.subtract(BigInteger.ONE),
    Reference.P,
    BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE)
  };

  private final Random random;
  private final SecretKey[] keys;
  private final byte[][] publicKeys;

  RandomCases(Random random, int keyCount) {
    this.random = random;
    this.keys = new SecretKey[keyCount];
    this.publicKeys = new byte[keyCount][];
    for (int i = 0; i < keyCount; i++) {
      keys[i] = SecretKey.moveFrom(Seed.bytes(random, 32));
      publicKeys[i] = keys[i].publicKey();
    }
  }

  void fill(VerifyColumns columns) {
    try (var arena = java.lang.foreign.Arena.ofConfined()) {
      MemorySegment parsed = arena.allocate(64, 8);
      for (int key = 0; key < columns.keys; key++) {
        int index = random.nextInt(keys.length);
        byte[] publicKey = publicKeys[index].clone();
        if (random.nextInt(8) == 0) {
          damageKey(publicKey);
        }
        columns.putKey(key, publicKey);
        for (int i = 0; i < columns.signaturesPerKey; i++) {
          fillItem(columns, key * columns.signaturesPerKey + i, keys[index], parsed);
        }
      }
    }
  }

  private void fillItem(VerifyColumns columns, int item, SecretKey key, MemorySegment parsed) {
    byte[] digest =
        random.nextInt(16) == 0
            ? Reference.bytes(EDGES[random.nextInt(EDGES.length)])
            : Seed.bytes(random, 32);
    columns.put(item, digest, new byte[64]);
    long at = columns.signatures.address() + item * 64L;
    Secp256k1.shared()
        .sign(parsed.address(), columns.digests.address() + item * 32L, key.segment());
    Secp256k1.shared().serializeSignature(at, parsed.address());
    if (random.nextInt(3) == 0) {
      damageItem(columns, item);
    }
  }

  private void damageItem(VerifyColumns columns, int item) {
    MemorySegment digest = columns.digests.asSlice(item * 32L, 32);
    MemorySegment signature = columns.signatures.asSlice(item * 64L, 64);
    switch (random.nextInt(8)) {
      case 0 -> flip(digest);
      case 1, 2 -> flip(signature);
      case 3 -> edge(signature.asSlice(0, 32));
      case 4 -> edge(signature.asSlice(32, 32));
      case 5 -> negateS(signature.asSlice(32, 32));
      case 6 -> signature.copyFrom(MemorySegment.ofArray(Seed.bytes(random, 64)));
      default -> {
        edge(signature.asSlice(0, 32));
        edge(signature.asSlice(32, 32));
      }
    }
  }

  private void damageKey(byte[] key) {
    switch (random.nextInt(4)) {
      case 0 -> key[0] ^= 1;
      case 1 -> key[0] = (byte) random.nextInt(256);
      case 2 -> key[1 + random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
      default ->
          System.arraycopy(Reference.bytes(EDGES[random.nextInt(EDGES.length)]), 0, key, 1, 32);
    }
  }

  private void flip(MemorySegment bytes) {
    int at = random.nextInt((int) bytes.byteSize());
    byte old = bytes.get(ValueLayout.JAVA_BYTE, at);
    bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ (1 << random.nextInt(8))));
  }

  private void edge(MemorySegment scalar) {
    byte[] value = Reference.bytes(EDGES[random.nextInt(EDGES.length)]);
    scalar.copyFrom(MemorySegment.ofArray(value));
  }

  private void negateS(MemorySegment s) {
    BigInteger value = new BigInteger(1, s.toArray(ValueLayout.JAVA_BYTE));
    s.copyFrom(MemorySegment.ofArray(Reference.bytes(Reference.N.subtract(value))));
  }

  @Override
  public void close() {
    for (SecretKey key : keys) {
      key.close();
    }
  }
}
