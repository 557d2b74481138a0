package org.micropay.vts.secp256k1;

import java.util.Optional;

/**
 * One implementation of batch verification and signing. Immutable; any thread may use it.
 *
 * <p>Threads that run batches need {@value #STACK_BYTES} bytes of stack, most of it for the vector
 * kernel's working set. That is the JVM's default on Linux x86-64; a thread that asks for less, or
 * a smaller -Xss, risks a crash.
 */
public interface Kernel {
  /** Stack that a thread which runs batches needs: the kernel's 768 KiB and room for Java. */
  int STACK_BYTES = 1024 * 1024;

  /** Short stable name, for logs, metrics and reports. */
  String name();

  /** Why this kernel was chosen, one line. */
  String reason();

  /** A new verifier, for one thread; the caller closes it. */
  BatchVerifier newVerifier();

  /** A new signer, for one thread; the caller closes it before the key. */
  BatchSigner newSigner(SecretKey secretKey);

  /** Hashing of claims in batches, where the kernel has it; for any thread. */
  Optional<ClaimHasher> claimHasher();

  /** SHA-256 of many messages, where the kernel has it; for any thread. */
  default Optional<MessageHasher> messageHasher() {
    return Optional.empty();
  }

  /** SipHash of many messages, where the kernel has it; for any thread. */
  default Optional<KeyedHasher> keyedHasher() {
    return Optional.empty();
  }
}
