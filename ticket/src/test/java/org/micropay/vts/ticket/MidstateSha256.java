package org.micropay.vts.ticket;

import java.util.Arrays;

/**
 * SHA-256 (FIPS 180-4) in plain Java that can start from a stored state: the alternative to the
 * platform's digest that {@link DigestComparison} measures, and an independent check of it. The
 * platform's digest cannot store its state without allocating, but runs on the CPU's SHA
 * instructions.
 *
 * <p>One instance belongs to one thread; allocates nothing after construction.
 */
final class MidstateSha256 {
  static final int BLOCK = 64;

  private static final int[] K = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
  };
  private static final int[] INITIAL = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
  };

  private final int[] state = new int[8];
  private final int[] schedule = new int[64];
  private final byte[] last = new byte[2 * BLOCK];

  /** The state behind one 64-byte block. */
  static int[] after(byte[] block) {
    MidstateSha256 sha256 = new MidstateSha256();
    System.arraycopy(INITIAL, 0, sha256.state, 0, 8);
    sha256.compress(block, 0);
    return sha256.state.clone();
  }

  static int[] initial() {
    return INITIAL.clone();
  }

  /** The eight words of a state, big-endian. */
  static byte[] bytes(int[] state) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < 8; i++) {
      putIntBe(bytes, 4 * i, state[i]);
    }
    return bytes;
  }

  /** Digest of {@code before} bytes that led to {@code midstate} and {@code length} more. */
  void hash(
      int[] midstate, int before, byte[] source, int offset, int length, byte[] target, int at) {
    System.arraycopy(midstate, 0, state, 0, 8);
    int done = 0;
    for (; length - done >= BLOCK; done += BLOCK) {
      compress(source, offset + done);
    }
    int rest = length - done;
    System.arraycopy(source, offset + done, last, 0, rest);
    int end = rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
    Arrays.fill(last, rest, end, (byte) 0);
    last[rest] = (byte) 0x80;
    Bytes.putLongBe(last, end - 8, 8L * (before + length));
    for (int block = 0; block < end; block += BLOCK) {
      compress(last, block);
    }
    for (int i = 0; i < 8; i++) {
      putIntBe(target, at + 4 * i, state[i]);
    }
  }

  private static void putIntBe(byte[] target, int offset, int value) {
    Bytes.putIntLe(target, offset, Integer.reverseBytes(value));
  }

  private void compress(byte[] source, int offset) {
    int[] w = schedule;
    for (int i = 0; i < 16; i++) {
      w[i] = Integer.reverseBytes(Bytes.getIntLe(source, offset + 4 * i));
    }
    for (int i = 16; i < 64; i++) {
      int x = w[i - 15];
      int y = w[i - 2];
      int s0 = Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3;
      int s1 = Integer.rotateRight(y, 17) ^ Integer.rotateRight(y, 19) ^ y >>> 10;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    int a = state[0];
    int b = state[1];
    int c = state[2];
    int d = state[3];
    int e = state[4];
    int f = state[5];
    int g = state[6];
    int h = state[7];
    for (int i = 0; i < 64; i++) {
      int s1 = Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25);
      int t1 = h + s1 + (g ^ e & (f ^ g)) + K[i] + w[i];
      int s0 = Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22);
      int t2 = s0 + (a & b ^ a & c ^ b & c);
      h = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}
