package org.micropay.vts.secp256k1;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One way to do the same cryptographic work on a {@link VtsCheck}, for measurements: ours, JNI, C.
 * One thread.
 */
sealed interface Contender extends AutoCloseable {
  /** Verifies one signature per claim, each under its own compressed key. */
  void verify();

  /** Signs one digest per claim and verifies each signature. */
  void sign();

  /** Per claim: two verifications under one key, one counter-signature, its verification. */
  void check();

  @Override
  void close();

  /** The kernel under test through the module's ports. */
  record Ours(VtsCheck data, BatchVerifier verifier, BatchSigner signer) implements Contender {
    static Ours create(VtsCheck data, Kernel kernel, SecretKey key) {
      return new Ours(data, kernel.newVerifier(), kernel.newSigner(key));
    }

    @Override
    public void verify() {
      verifier.verify(
          data.firstDigests, data.firstSignatures, data.publicKeys, data.verdicts, data.claims, 1);
    }

    @Override
    public void sign() {
      signer.sign(data.spendDigests, data.counterSignatures, data.counterVerdicts, data.claims);
    }

    @Override
    public void check() {
      verifier.verify(
          data.digests, data.signatures, data.publicKeys, data.verdicts, data.claims, 2);
      sign();
    }

    @Override
    public void close() {
      verifier.close();
      signer.close();
    }
  }

  /** A loop in C over libsecp256k1. */
  record C(VtsCheck data, SecpLoop loop, SecretKey key, MemorySegment publicKey)
      implements Contender {
    static C create(VtsCheck data, SecretKey key) {
      MemorySegment publicKey = data.arena.allocateFrom(ValueLayout.JAVA_BYTE, key.publicKey());
      return new C(data, SecpLoop.create(), key, publicKey);
    }

    @Override
    public void verify() {
      loop.verify(
          data.firstDigests, data.firstSignatures, data.publicKeys, data.verdicts, data.claims, 1);
    }

    @Override
    public void sign() {
      loop.sign(
          key,
          publicKey,
          data.spendDigests,
          data.counterSignatures,
          data.counterVerdicts,
          data.claims);
    }

    @Override
    public void check() {
      loop.verify(data.digests, data.signatures, data.publicKeys, data.verdicts, data.claims, 2);
      sign();
    }

    @Override
    public void close() {
      loop.close();
    }
  }

  /** libsecp256k1's JNI functions; arrays are prepared beforehand, which is in its favour. */
  final class Jni implements Contender {
    private final VtsCheck data;
    private final JniSecp256k1 jni = JniSecp256k1.create();
    private final byte[] secretKey;
    private final byte[] publicKey;
    private final byte[][] digests;
    private final byte[][] signatures;
    private final byte[][] publicKeys;
    private final byte[][] spendDigests;

    Jni(VtsCheck data, byte[] secretKey, byte[] publicKey) {
      this.data = data;
      this.secretKey = secretKey;
      this.publicKey = publicKey;
      this.digests = rows(data.digests, 2 * data.claims, Ecdsa.DIGEST_BYTES);
      this.signatures = rows(data.signatures, 2 * data.claims, Ecdsa.SIGNATURE_BYTES);
      this.publicKeys = rows(data.publicKeys, data.claims, Ecdsa.PUBLIC_KEY_BYTES);
      this.spendDigests = rows(data.spendDigests, data.claims, Ecdsa.DIGEST_BYTES);
    }

    private static byte[][] rows(MemorySegment column, int count, int itemBytes) {
      byte[][] rows = new byte[count][];
      for (int i = 0; i < count; i++) {
        rows[i] = VtsCheck.bytes(column, i, itemBytes);
      }
      return rows;
    }

    @Override
    public void verify() {
      for (int i = 0; i < data.claims; i++) {
        verdict(i, jni.verify(digests[2 * i], signatures[2 * i], publicKeys[i]));
      }
    }

    private void verdict(int item, boolean valid) {
      data.verdicts.set(ValueLayout.JAVA_BYTE, item, (byte) (valid ? 1 : 0));
    }

    @Override
    public void sign() {
      for (int i = 0; i < data.claims; i++) {
        byte[] signature = jni.sign(secretKey, spendDigests[i]);
        boolean valid = jni.verify(spendDigests[i], signature, publicKey);
        data.counterVerdicts.set(ValueLayout.JAVA_BYTE, i, (byte) (valid ? 1 : 0));
        MemorySegment.copy(
            signature, 0, data.counterSignatures, ValueLayout.JAVA_BYTE, i * 64L, 64);
      }
    }

    @Override
    public void check() {
      for (int i = 0; i < 2 * data.claims; i++) {
        verdict(i, jni.verify(digests[i], signatures[i], publicKeys[i / 2]));
      }
      sign();
    }

    @Override
    public void close() {}
  }
}
