package org.micropay.vts.appliance.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.micropay.vts.secp256k1.SecretSeed;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.transparency.CheckpointSigner;
import org.micropay.vts.transparency.Ed25519Signature;
import org.micropay.vts.transparency.VerifierKey;

/**
 * The log's key: an Ed25519 seed in locked memory, copied out for the moment of a signature. It
 * signs tree heads and nothing else; who steals it can show false ones, not move a coin.
 *
 * <p>Owned by whoever made it, who closes it. Any thread.
 */
public final class LogKey implements CheckpointSigner, AutoCloseable {
  private final SecretSeed seed;
  private final VerifierKey key;

  private LogKey(SecretSeed seed, String origin) {
    this.seed = seed;
    this.key = new VerifierKey(origin, VerifierKey.Kind.ED25519, seed.use(LogKey::publicKey));
  }

  private static Bytes32 publicKey(byte[] seed) {
    byte[] key = new byte[Ed25519.PUBLIC_KEY_SIZE];
    Ed25519.generatePublicKey(seed, 0, key, 0);
    return Bytes32.of(key);
  }

  /**
   * The name of a log: as configured, or of the network and the VTS's key, which nobody else has.
   *
   * @param configured empty for the default
   * @param vtsKey hex
   */
  public static String origin(String configured, String network, String vtsKey) {
    return configured.isEmpty() ? "vts." + network + "/" + vtsKey : configured;
  }

  /**
   * Makes a key file.
   *
   * @return the verifier key
   * @throws IOException when the file exists or cannot be written
   */
  public static String create(Path file, String origin) throws IOException {
    try (LogKey key = new LogKey(SecretSeed.generate(), origin)) {
      key.seed.writeTo(file);
      return key.key().toString();
    }
  }

  /**
   * Reads the key file; makes one where there is none and the log has not begun.
   *
   * @param begun whether a checkpoint was signed before
   * @throws IOException when the file cannot be used, or is missing although the log has begun
   */
  static LogKey open(Path file, String origin, boolean begun) throws IOException {
    if (!begun && !Files.exists(file)) {
      create(file, origin);
    }
    SecretSeed seed = SecretSeed.fromFile(file);
    try {
      return new LogKey(seed, origin);
    } catch (RuntimeException e) {
      seed.close();
      throw e;
    }
  }

  @Override
  public VerifierKey key() {
    return key;
  }

  @Override
  public Ed25519Signature sign(byte[] message) {
    byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
    seed.use(
        secret -> {
          Ed25519.sign(secret, 0, message, 0, message.length, signature, 0);
          return signature;
        });
    return Ed25519Signature.copyOf(signature, 0);
  }

  @Override
  public void close() {
    seed.close();
  }

  /** Shows the public key only. */
  @Override
  public String toString() {
    return key.toString();
  }
}
