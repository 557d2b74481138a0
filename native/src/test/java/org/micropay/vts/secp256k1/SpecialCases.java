package org.micropay.vts.secp256k1;

import static org.micropay.vts.secp256k1.Reference.G;
import static org.micropay.vts.secp256k1.Reference.HALF_N;
import static org.micropay.vts.secp256k1.Reference.N;
import static org.micropay.vts.secp256k1.Reference.P;
import static org.micropay.vts.secp256k1.Reference.bytes;
import static org.micropay.vts.secp256k1.Reference.compact;
import static org.micropay.vts.secp256k1.Reference.x;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bouncycastle.math.ec.ECPoint;

/**
 * Signatures that reach every special case of verification, constructed rather than hoped for. The
 * verdict written beside each case comes from how it was built; a test checks it against {@link
 * Reference} as well.
 */
final class SpecialCases {
  /** One signature with its verdict. */
  record Case(String label, byte[] digest, byte[] signature, byte[] publicKey, boolean valid) {}

  private static final BigInteger ONE = BigInteger.ONE;
  private static final BigInteger TWO = BigInteger.TWO;
  private static final BigInteger MAX = ONE.shiftLeft(256).subtract(ONE);

  /** A cube root of unity modulo n, the eigenvalue of the curve's endomorphism. */
  private static final BigInteger LAMBDA =
      new BigInteger("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72", 16);

  private final Random random;
  private final List<Case> cases = new ArrayList<>();

  private SpecialCases(Random random) {
    this.random = random;
  }

  /** Built once for all tests, from the run's seed. */
  static List<Case> all() {
    return Built.CASES;
  }

  private static List<Case> build(Random random) {
    SpecialCases special = new SpecialCases(random);
    special.keysNextToTheGenerator();
    special.unusualDigests();
    special.rangesOfRAndS();
    special.malformedKeys();
    special.extremeKeys();
    special.pointsThatMeet();
    special.xAboveTheOrder();
    return List.copyOf(special.cases);
  }

  private static final class Built {
    static final List<Case> CASES = build(Seed.random());
  }

  /** Keys whose points share x with G, its double, its half or its image under the endomorphism. */
  private void keysNextToTheGenerator() {
    List<BigInteger> secrets = new ArrayList<>();
    for (int i = 1; i <= 40; i++) {
      secrets.add(BigInteger.valueOf(i));
    }
    for (int shift = 5; shift < 256; shift += 7) {
      secrets.add(ONE.shiftLeft(shift));
    }
    secrets.add(LAMBDA);
    secrets.add(LAMBDA.multiply(LAMBDA).mod(N));
    secrets.add(TWO.modInverse(N));
    secrets.add(LAMBDA.add(ONE));
    for (BigInteger secret : secrets) {
      signedBy(secret, "secret " + secret.toString(16));
      signedBy(N.subtract(secret), "secret -" + secret.toString(16));
    }
  }

  private void signedBy(BigInteger secret, String label) {
    byte[] digest = Seed.bytes(random, 32);
    byte[] key = Reference.publicKey(secret);
    byte[] signature = Reference.sign(secret, digest);
    add(label, digest, signature, key, true);
    byte[] other = key.clone();
    other[0] ^= 1;
    add(label + ", key negated", digest, signature, other, false);
  }

  private void unusualDigests() {
    BigInteger secret = scalar();
    for (BigInteger digest :
        List.of(
            BigInteger.ZERO,
            ONE,
            HALF_N,
            N.subtract(ONE),
            N,
            N.add(ONE),
            P,
            MAX.subtract(ONE),
            MAX)) {
      byte[] bytes = bytes(digest);
      String label = "digest " + digest.toString(16);
      add(label, bytes, signature(secret, digest.mod(N)), Reference.publicKey(secret), true);
    }
    BigInteger small = new BigInteger(120, random);
    byte[] signature = signature(secret, small);
    byte[] key = Reference.publicKey(secret);
    add("digest small", bytes(small), signature, key, true);
    add("digest small + n", bytes(small.add(N)), signature, key, true);
  }

  private void rangesOfRAndS() {
    BigInteger secret = scalar();
    byte[] digest = Seed.bytes(random, 32);
    byte[] key = Reference.publicKey(secret);
    byte[] good = Reference.sign(secret, digest);
    BigInteger r = new BigInteger(1, Arrays.copyOfRange(good, 0, 32));
    BigInteger s = new BigInteger(1, Arrays.copyOfRange(good, 32, 64));
    add("good", digest, good, key, true);
    add("high s", digest, compact(r, N.subtract(s)), key, false);
    for (BigInteger bad :
        List.of(BigInteger.ZERO, N, N.add(ONE), N.subtract(ONE), P, P.subtract(N), MAX, ONE)) {
      add("r = " + bad.toString(16), digest, compact(bad, s), key, false);
      add("s = " + bad.toString(16), digest, compact(r, bad), key, false);
    }
    add("r and s exchanged", digest, compact(s, r), key, false);
    add("all zero", new byte[32], new byte[64], new byte[33], false);
    sAt(HALF_N, true);
    sAt(HALF_N.add(ONE), false);
    sAt(ONE, true);
    sAt(TWO, true);
    sAt(N.subtract(ONE), false);
  }

  /** A signature with exactly this s that satisfies the equation, valid when s is low. */
  private void sAt(BigInteger s, boolean valid) {
    BigInteger nonce = scalar();
    BigInteger r = x(G.multiply(nonce)).mod(N);
    BigInteger digest = new BigInteger(1, Seed.bytes(random, 32));
    // s = (z + r d) / k, solved for the secret d.
    BigInteger secret = s.multiply(nonce).subtract(digest).multiply(r.modInverse(N)).mod(N);
    add("s = " + s.toString(16), bytes(digest), compact(r, s), Reference.publicKey(secret), valid);
  }

  private void malformedKeys() {
    BigInteger secret = scalar();
    byte[] digest = Seed.bytes(random, 32);
    byte[] signature = Reference.sign(secret, digest);
    byte[] key = Reference.publicKey(secret);
    for (int first : new int[] {0, 1, 4, 5, 6, 7, 0x12, 0x82, 0xff}) {
      byte[] bad = key.clone();
      bad[0] = (byte) first;
      add("first byte " + first, digest, signature, bad, false);
    }
    for (BigInteger bad :
        List.of(BigInteger.ZERO, P, P.add(ONE), P.add(TWO), P.add(BigInteger.valueOf(3)), MAX)) {
      add("x = " + bad.toString(16), digest, signature, key(2, bad), false);
      add("x = " + bad.toString(16) + ", odd", digest, signature, key(3, bad), false);
    }
    BigInteger offCurve = BigInteger.valueOf(5);
    for (int found = 0; found < 8; offCurve = offCurve.add(ONE)) {
      if (Reference.decode(key(2, offCurve)) == null) {
        add("x off the curve " + offCurve, digest, signature, key(2, offCurve), false);
        found++;
      }
    }
  }

  /** Keys with the smallest and the largest x, whose secrets nobody knows. */
  private void extremeKeys() {
    extremeKeysFrom(ONE, ONE);
    extremeKeysFrom(P.subtract(ONE), ONE.negate());
    extremeKeysFrom(ONE.shiftLeft(255), ONE);
    extremeKeysFrom(P.subtract(ONE.shiftLeft(32)), ONE);
    extremeKeysFrom(N, ONE);
  }

  private void extremeKeysFrom(BigInteger start, BigInteger step) {
    BigInteger candidate = start;
    for (int found = 0; found < 4; candidate = candidate.add(step)) {
      if (Reference.decode(key(2, candidate)) != null) {
        unknownSecret(key(2, candidate), "x = " + candidate.toString(16));
        unknownSecret(key(3, candidate), "x = " + candidate.toString(16) + ", odd");
        found++;
      }
    }
  }

  /** R = a G + b Q gives r; s = r / b and z = a s then satisfy the equation. */
  private void unknownSecret(byte[] key, String label) {
    while (true) {
      BigInteger a = scalar();
      BigInteger b = scalar();
      BigInteger r = x(G.multiply(a).add(Reference.decode(key).multiply(b))).mod(N);
      BigInteger s = r.multiply(b.modInverse(N)).mod(N);
      if (s.compareTo(HALF_N) <= 0) {
        byte[] digest = bytes(a.multiply(s).mod(N));
        add("key " + label, digest, compact(r, s), key, true);
        digest[31] ^= 1;
        add("key " + label + ", other digest", digest, compact(r, s), key, false);
        return;
      }
    }
  }

  /** u1 G and u2 Q equal, opposite, or zero: where an addition formula must double or vanish. */
  private void pointsThatMeet() {
    for (int i = 0; i < 8; i++) {
      BigInteger half = TWO.modInverse(N);
      BigInteger nonce = scalar();
      BigInteger s = scalar().shiftRight(1);
      BigInteger r = x(G.multiply(nonce)).mod(N);
      BigInteger term = nonce.multiply(half).multiply(s).mod(N);
      byte[] key = Reference.publicKey(term.multiply(r.modInverse(N)).mod(N));
      add("u1 G = u2 Q", bytes(term), compact(r, s), key, true);

      BigInteger secret = scalar();
      BigInteger opposite = N.subtract(r.multiply(secret).mod(N));
      byte[] other = Reference.publicKey(secret);
      add("u1 G = -u2 Q", bytes(opposite), compact(r, s), other, false);
    }
    for (BigInteger u1 : List.of(ONE, TWO, LAMBDA, N.subtract(ONE), HALF_N, ONE.shiftLeft(128))) {
      for (BigInteger u2 : List.of(ONE, TWO, LAMBDA, N.subtract(ONE), HALF_N, ONE.shiftLeft(128))) {
        multipliers(u1, u2);
      }
    }
  }

  /** A valid signature whose verification computes exactly u1 G + u2 Q, for a random or near Q. */
  private void multipliers(BigInteger u1, BigInteger u2) {
    for (BigInteger secret : List.of(scalar(), ONE, N.subtract(ONE), TWO, LAMBDA)) {
      ECPoint sum = G.multiply(u1.add(u2.multiply(secret)).mod(N));
      if (sum.isInfinity()) {
        continue;
      }
      BigInteger r = x(sum).mod(N);
      BigInteger s = r.multiply(u2.modInverse(N)).mod(N);
      String label = "u1 = %x, u2 = %x, secret %x".formatted(u1, u2, secret);
      byte[] digest = bytes(u1.multiply(s).mod(N));
      boolean low = s.compareTo(HALF_N) <= 0;
      add(label, digest, compact(r, s), Reference.publicKey(secret), low);
      BigInteger negated = N.subtract(s);
      byte[] negatedDigest = bytes(u1.multiply(negated).mod(N));
      // The same r with -u1, -u2: R is negated, its x stays.
      add(label + ", -s", negatedDigest, compact(r, negated), Reference.publicKey(secret), false);
    }
  }

  /** x(R) in n .. p-1, so that r = x(R) - n: one in 2^128 at random, so built backwards from R. */
  private void xAboveTheOrder() {
    BigInteger candidate = N;
    for (int found = 0; found < 6; candidate = candidate.add(ONE)) {
      ECPoint point = Reference.decode(key(2 + found % 2, candidate));
      BigInteger r = candidate.subtract(N);
      if (point == null || r.signum() == 0) {
        continue;
      }
      recovered(point, r, "x(R) = n + " + r);
      found++;
    }
    // The largest r for which r + n is still below p, and the first for which it is not.
    nearestBelow(P.subtract(ONE), true);
    BigInteger limit = P.subtract(N);
    for (int i = 0; i < 4; i++) {
      BigInteger r = limit.add(BigInteger.valueOf(i));
      byte[] digest = Seed.bytes(random, 32);
      byte[] key = Reference.publicKey(scalar());
      byte[] signature = compact(r, scalar().shiftRight(1));
      add("r = p - n + " + i, digest, signature, key, Reference.verify(digest, signature, key));
    }
    for (long small = 1; small < 20; small++) {
      ECPoint point = Reference.decode(key(2, BigInteger.valueOf(small)));
      if (point != null) {
        recovered(point, BigInteger.valueOf(small), "x(R) = " + small);
      }
    }
  }

  private void nearestBelow(BigInteger start, boolean above) {
    BigInteger candidate = start;
    while (Reference.decode(key(2, candidate)) == null) {
      candidate = candidate.subtract(ONE);
    }
    BigInteger r = above ? candidate.subtract(N) : candidate;
    recovered(Reference.decode(key(2, candidate)), r, "largest x(R)");
  }

  /** Key recovery: Q = (s R - z G) / r makes (r, s) valid for z. */
  private void recovered(ECPoint point, BigInteger r, String label) {
    BigInteger s = scalar().shiftRight(1);
    BigInteger digest = new BigInteger(1, Seed.bytes(random, 32));
    BigInteger inverse = r.modInverse(N);
    ECPoint key =
        point
            .multiply(s.multiply(inverse).mod(N))
            .add(G.multiply(N.subtract(digest.multiply(inverse).mod(N))));
    byte[] encoded = key.getEncoded(true);
    add(label, bytes(digest), compact(r, s), encoded, true);
    add(label + ", r + 1", bytes(digest), compact(r.add(ONE), s), encoded, false);
  }

  /** Signs a digest already reduced modulo n with a random nonce. */
  private byte[] signature(BigInteger secret, BigInteger digest) {
    BigInteger nonce = scalar();
    BigInteger r = x(G.multiply(nonce)).mod(N);
    BigInteger s = digest.add(r.multiply(secret)).multiply(nonce.modInverse(N)).mod(N);
    return compact(r, s.min(N.subtract(s)));
  }

  private BigInteger scalar() {
    return new BigInteger(256, random).mod(N.subtract(TWO)).add(TWO);
  }

  private static byte[] key(int first, BigInteger x) {
    byte[] key = new byte[33];
    key[0] = (byte) first;
    System.arraycopy(bytes(x), 0, key, 1, 32);
    return key;
  }

  private void add(String label, byte[] digest, byte[] signature, byte[] key, boolean valid) {
    cases.add(new Case(label, digest.clone(), signature, key, valid));
  }
}
