/*
 * The kernel's public interface: what the shared object exports. Plain C types only, no callbacks,
 * no global state that changes after start; all functions are reentrant unless they say otherwise.
 */
#ifndef VTS_KERNEL_H
#define VTS_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* ---- signing (sign8.c) ---- */

/* Bytes of memory that a signer needs, 64-aligned. */
size_t vts_signer_size(void);

/*
 * Computes a signer's tables into the caller's memory `signer` (vts_signer_size() bytes,
 * 64-aligned). They hold public data only and are read-only afterwards, shared by any number of
 * threads. A few milliseconds.
 * public_key33: compressed. secret_key32: big-endian; not kept.
 * Returns 0: ready; 1: the secret key is 0 or >= n; 2: public_key33 is not the secret key's.
 */
int vts_signer_init(void *signer, const uint8_t *public_key33, const uint8_t *secret_key32);

/*
 * Signs count digests (count * 32 bytes) and verifies each signature before it is handed out.
 * signatures: count * 64 bytes, compact r || s, s in the lower half, nonces after RFC 6979:
 * byte-identical to libsecp256k1's secp256k1_ecdsa_sign with its default nonce function.
 * verdicts: count bytes; 1 = made and verified, 0 = not, and the 64 bytes are zero.
 * Constant time in secret_key32; every copy of it and every nonce is wiped before return.
 * Needs about 200 KiB of stack.
 */
void vts_sign_batch(const void *signer, const uint8_t *secret_key32, const uint8_t *digests,
                    uint8_t *signatures, uint8_t *verdicts, size_t count);

#endif
