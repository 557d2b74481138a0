package org.micropay.vts.secp256k1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.function.Function;

/**
 * Compares a kernel with libsecp256k1 before it is trusted: at start, on this machine, with this
 * build. Random signatures under fresh keys, each kind of damage, the edges of every range, a
 * signature whose R has x above the group order, and deterministic signing; some 200 verdicts.
 */
final class KernelSelfTest {
  private static final int OWNERS = 16;
  private static final int SIGNATURES = 37;
  private static final HexFormat HEX = HexFormat.of();
  private static final BigInteger ORDER =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);

  /** Around the ends of the ranges of scalars and field elements, big-endian. */
  private static final byte[][] EDGES = {
    HEX.parseHex("0000000000000000000000000000000000000000000000000000000000000000"),
    HEX.parseHex("0000000000000000000000000000000000000000000000000000000000000001"),
    HEX.parseHex("000000000000000000000000000000014551231950b75fc4402da1722fc9baee"),
    HEX.parseHex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"),
    HEX.parseHex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1"),
    HEX.parseHex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"),
    HEX.parseHex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"),
    HEX.parseHex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e"),
    HEX.parseHex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"),
    HEX.parseHex("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")
  };

  // Key recovered from a point R whose x is n + HIGH_X_SIGNATURE's r; valid.
  private static final byte[] HIGH_X_DIGEST =
      HEX.parseHex("a8f593c7fcc3f47e7094bc072710ad03cd2b1eff2489b40e4d06ea8a95d00970");
  private static final byte[] HIGH_X_SIGNATURE =
      HEX.parseHex(
          "0000000000000000000000000000000000000000000000000000000000000002"
              + "2a3d64f1ff30fd1f9c252f01c9c42b40f34ac7bfc9226d039341baa2a574025c");
  private static final byte[] HIGH_X_KEY =
      HEX.parseHex("03c3adc55590b0ff8574c522cd724807ce3564c29654195f92e082f7d3126ae7d9");

  private final Arena arena;
  private final MemorySegment entropy;
  private final MemorySegment parsed;
  private final SecretKey[] owners = new SecretKey[OWNERS];
  private int entropyAt;

  private KernelSelfTest(Arena arena) {
    this.arena = arena;
    this.entropy = arena.allocate(1 << 16);
    this.parsed = arena.allocate(Secp256k1.PARSED_SIGNATURE_BYTES, Long.BYTES);
  }

  /** Null when the kernel agrees with libsecp256k1 everywhere, else what differed. */
  static String findFault(BatchVerifier verifier, Function<SecretKey, BatchSigner> signers) {
    try (Arena arena = Arena.ofConfined()) {
      return new KernelSelfTest(arena).run(verifier, signers);
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  private String run(BatchVerifier verifier, Function<SecretKey, BatchSigner> signers) {
    Libc.random(entropy);
    try {
      for (int i = 0; i < OWNERS; i++) {
        // Keys next to the generator and to its negative meet special cases of point addition.
        owners[i] = SecretKey.moveFrom(i < 2 ? EDGES[i == 0 ? 1 : 5].clone() : random(32));
      }
      String fault = signing(signers);
      for (int perKey = 1; perKey <= 3 && fault == null; perKey++) {
        fault = verification(verifier, 53 / perKey, perKey);
      }
      return fault != null ? fault : highX(verifier);
    } finally {
      for (SecretKey owner : owners) {
        if (owner != null) {
          owner.close();
        }
      }
    }
  }

  private String signing(Function<SecretKey, BatchSigner> signers) {
    MemorySegment digests = arena.allocate(SIGNATURES * 32L);
    for (int i = 0; i < SIGNATURES; i++) {
      byte[] digest = i < EDGES.length ? EDGES[i] : random(32);
      MemorySegment.copy(digest, 0, digests, ValueLayout.JAVA_BYTE, i * 32L, 32);
    }
    SecretKey key = owners[OWNERS - 1];
    try (BatchSigner signer = signers.apply(key);
        BatchSigner reference = ScalarBatchSigner.create(key)) {
      MemorySegment actual = arena.allocate(SIGNATURES * 65L);
      MemorySegment expected = arena.allocate(SIGNATURES * 65L);
      signer.sign(digests, actual, actual.asSlice(SIGNATURES * 64L), SIGNATURES);
      reference.sign(digests, expected, expected.asSlice(SIGNATURES * 64L), SIGNATURES);
      long at = actual.mismatch(expected);
      return at < 0 ? null : "signature " + Math.min(at / 64, SIGNATURES - 1) + " differs";
    }
  }

  private String verification(BatchVerifier verifier, int keys, int perKey) {
    int items = keys * perKey;
    MemorySegment digests = arena.allocate(items * 32L);
    MemorySegment signatures = arena.allocate(items * 64L);
    MemorySegment publicKeys = arena.allocate(keys * 33L);
    MemorySegment actual = arena.allocate(items);
    MemorySegment expected = arena.allocate(items);
    for (int key = 0; key < keys; key++) {
      fillKey(key, perKey, digests, signatures, publicKeys);
    }
    try (BatchVerifier reference = ScalarBatchVerifier.create()) {
      reference.verify(digests, signatures, publicKeys, expected, keys, perKey);
    }
    verifier.verify(digests, signatures, publicKeys, actual, keys, perKey);
    long at = actual.mismatch(expected);
    return at < 0 ? null : "verdict %d of %d keys with %d each differs".formatted(at, keys, perKey);
  }

  /** One key with signatures good and bad; some keys are damaged themselves. */
  private void fillKey(
      int key,
      int perKey,
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment publicKeys) {
    SecretKey owner = owners[key % OWNERS];
    for (int i = 0; i < perKey; i++) {
      int item = key * perKey + i;
      byte[] digest = item % 5 == 0 ? EDGES[item % EDGES.length].clone() : random(32);
      MemorySegment.copy(digest, 0, digests, ValueLayout.JAVA_BYTE, item * 32L, 32);
      Secp256k1.shared().sign(parsed.address(), digests.address() + item * 32L, owner.segment());
      Secp256k1.shared().serializeSignature(signatures.address() + item * 64L, parsed.address());
      damage(item, digests.asSlice(item * 32L, 32), signatures.asSlice(item * 64L, 64));
    }
    byte[] publicKey = owner.publicKey();
    switch (key % 8) {
      case 5 -> publicKey[0] ^= 1;
      case 6 -> publicKey[0] |= (byte) (key % 16 == 6 ? 0x80 : 0x04);
      case 7 -> {
        if (key % 16 == 7) {
          System.arraycopy(EDGES[key / 16 * 2 % EDGES.length], 0, publicKey, 1, 32);
        } else {
          publicKey[32] ^= 1;
        }
      }
      default -> {}
    }
    MemorySegment.copy(publicKey, 0, publicKeys, ValueLayout.JAVA_BYTE, key * 33L, 33);
  }

  private static void damage(int item, MemorySegment digest, MemorySegment signature) {
    MemorySegment s = signature.asSlice(32);
    switch (item % 7) {
      case 2 -> {
        // n - s is at least n / 2, so it has 32 bytes, after a sign byte where it needs one.
        byte[] high =
            ORDER.subtract(new BigInteger(1, s.toArray(ValueLayout.JAVA_BYTE))).toByteArray();
        MemorySegment.copy(high, high.length - 32, s, ValueLayout.JAVA_BYTE, 0, 32);
      }
      case 3 -> signature.copyFrom(MemorySegment.ofArray(EDGES[item % EDGES.length]));
      case 4 -> s.copyFrom(MemorySegment.ofArray(EDGES[item % EDGES.length]));
      case 5 -> flip(digest, item % 32, item % 8);
      case 6 -> flip(signature, item % 64, item % 8);
      default -> {}
    }
  }

  private static void flip(MemorySegment bytes, int at, int bit) {
    byte old = bytes.get(ValueLayout.JAVA_BYTE, at);
    bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ 1 << bit));
  }

  /** The rare second case of the last comparison, r + n below p, in every lane. */
  private String highX(BatchVerifier verifier) {
    int items = 9;
    MemorySegment digests = arena.allocate(items * 32L);
    MemorySegment signatures = arena.allocate(items * 64L);
    MemorySegment publicKeys = arena.allocate(items * 33L);
    MemorySegment verdicts = arena.allocate(items);
    for (int i = 0; i < items; i++) {
      MemorySegment.copy(HIGH_X_DIGEST, 0, digests, ValueLayout.JAVA_BYTE, i * 32L, 32);
      MemorySegment.copy(HIGH_X_SIGNATURE, 0, signatures, ValueLayout.JAVA_BYTE, i * 64L, 64);
      MemorySegment.copy(HIGH_X_KEY, 0, publicKeys, ValueLayout.JAVA_BYTE, i * 33L, 33);
    }
    verifier.verify(digests, signatures, publicKeys, verdicts, items, 1);
    for (int i = 0; i < items; i++) {
      if (verdicts.get(ValueLayout.JAVA_BYTE, i) != 1) {
        return "x(R) above the order, verdict " + i + " differs";
      }
    }
    return null;
  }

  private byte[] random(int length) {
    byte[] bytes = entropy.asSlice(entropyAt, length).toArray(ValueLayout.JAVA_BYTE);
    entropyAt += length;
    return bytes;
  }
}
