package org.micropay.vts.secp256k1;

import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;

/**
 * The strict semantics of the ports, written down a second time over Bouncy Castle's points and big
 * integers; slow, shares no code with what it judges.
 */
final class Reference {
  static final X9ECParameters CURVE = SECNamedCurves.getByName("secp256k1");
  static final BigInteger N = CURVE.getN();
  static final BigInteger P = CURVE.getCurve().getField().getCharacteristic();
  static final BigInteger HALF_N = N.shiftRight(1);
  static final ECPoint G = CURVE.getG();

  private Reference() {}

  static boolean verify(byte[] digest, byte[] signature, byte[] publicKey) {
    ECPoint key = decode(publicKey);
    BigInteger r = new BigInteger(1, Arrays.copyOfRange(signature, 0, 32));
    BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, 32, 64));
    if (key == null || outside(r, N.subtract(BigInteger.ONE)) || outside(s, HALF_N)) {
      return false;
    }
    BigInteger inverse = s.modInverse(N);
    BigInteger u1 = new BigInteger(1, digest).multiply(inverse).mod(N);
    BigInteger u2 = r.multiply(inverse).mod(N);
    ECPoint sum = ECAlgorithms.sumOfTwoMultiplies(G, u1, key, u2).normalize();
    return !sum.isInfinity() && x(sum).mod(N).equals(r);
  }

  /** The point of a canonical compressed key, or null. */
  static ECPoint decode(byte[] publicKey) {
    if (publicKey.length != 33 || (publicKey[0] != 2 && publicKey[0] != 3)) {
      return null;
    }
    if (new BigInteger(1, Arrays.copyOfRange(publicKey, 1, 33)).compareTo(P) >= 0) {
      return null;
    }
    try {
      return CURVE.getCurve().decodePoint(publicKey);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** RFC 6979 with SHA-256, then s in the lower half. */
  static byte[] sign(BigInteger secret, byte[] digest) {
    ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
    ECDomainParameters domain = new ECDomainParameters(CURVE);
    signer.init(true, new ECPrivateKeyParameters(secret, domain));
    BigInteger[] rs = signer.generateSignature(digest);
    return compact(rs[0], rs[1].min(N.subtract(rs[1])));
  }

  static byte[] publicKey(BigInteger secret) {
    return G.multiply(secret).getEncoded(true);
  }

  static byte[] compact(BigInteger r, BigInteger s) {
    byte[] signature = Arrays.copyOf(bytes(r), 64);
    System.arraycopy(bytes(s), 0, signature, 32, 32);
    return signature;
  }

  /** 32 bytes, big-endian. */
  static byte[] bytes(BigInteger value) {
    byte[] raw = value.toByteArray();
    byte[] out = new byte[32];
    int length = Math.min(raw.length, 32);
    System.arraycopy(raw, raw.length - length, out, 32 - length, length);
    return out;
  }

  static BigInteger x(ECPoint point) {
    return point.normalize().getAffineXCoord().toBigInteger();
  }

  private static boolean outside(BigInteger value, BigInteger max) {
    return value.signum() <= 0 || value.compareTo(max) > 0;
  }
}
