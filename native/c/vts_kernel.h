/*
 * The VTS kernel: secp256k1 ECDSA eight at a time on AVX-512 with IFMA.
 *
 * The library loads on any x86-64; everything but vts_kernel_supported and vts_kernel_name needs a
 * CPU and an operating system for which vts_kernel_supported returns 1, and vts_kernel_init to have
 * returned 0. No function keeps a pointer that it was given. No function allocates, except
 * vts_kernel_init. All are reentrant: any number of threads may call them at once. A calling thread
 * needs VTS_KERNEL_STACK_BYTES of stack.
 */
#ifndef VTS_KERNEL_H
#define VTS_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define VTS_API __attribute__((visibility("default")))

#define VTS_KERNEL_STACK_BYTES (576 * 1024)

#ifdef __cplusplus
extern "C" {
#endif

/* Returns: 1 if this CPU and operating system can run the kernel, else 0. */
VTS_API int vts_kernel_supported(void);

/* Builds the tables; once, whoever calls first. Returns: 0, or -1 if not supported or no memory. */
VTS_API int vts_kernel_init(void);

/* Returns: what this is, for logs and reports. */
VTS_API const char *vts_kernel_name(void);

/*
 * Verifies keys * signatures_per_key ECDSA signatures, exactly, each for itself.
 * Signature i belongs to key i / signatures_per_key. Two signatures a key share most of the work
 * that a key costs; eight keys fill the lanes.
 *   In:  digests      32 bytes each, big-endian, taken modulo n as FIPS 186-5 and libsecp256k1 do
 *        signatures   64 bytes each, r || s, big-endian
 *        public_keys  33 bytes each, compressed [SEC 1 v2, section 2.3.4]
 *   Out: verdicts     one byte each: 1 valid, 0 not. Not valid are also: r or s zero or >= n;
 *                     s > n / 2; a key whose first byte is not 2 or 3, with x >= p, or not on the
 *                     curve
 * Any counts, also 0. Variable time: everything here is public.
 */
VTS_API void vts_verify_batch(const uint8_t *digests, const uint8_t *signatures,
                              const uint8_t *public_keys, uint8_t *verdicts, size_t keys,
                              size_t signatures_per_key);

/* Returns: bytes of memory that a signer needs, 64-aligned. */
VTS_API size_t vts_signer_size(void);

/*
 * Computes a signer's tables into the caller's memory `signer` (vts_signer_size() bytes,
 * 64-aligned). They hold public data only and are read-only afterwards, shared by any number of
 * threads. Takes milliseconds. Does not need vts_kernel_init.
 *   In: public_key33  compressed
 *       secret_key32  big-endian; not kept
 * Returns: 0 ready; 1 the secret key is 0 or >= n; 2 public_key33 is not the secret key's.
 */
VTS_API int vts_signer_init(void *signer, const uint8_t *public_key33, const uint8_t *secret_key32);

/*
 * Signs count digests and verifies every signature, from its bytes, before it is handed out.
 *   In:  secret_key32  the key that the signer was made for, big-endian
 *        digests       32 bytes each, big-endian
 *   Out: signatures    64 bytes each, r || s, s <= n / 2, nonces after RFC 6979: byte-identical to
 *                      libsecp256k1's secp256k1_ecdsa_sign with its default nonce function
 *        verdicts      one byte each: 1 made and verified; 0 not, and its 64 bytes are zero
 * Constant time in secret_key32; every copy of it and every nonce is wiped before the return.
 */
VTS_API void vts_sign_batch(const void *signer, const uint8_t *secret_key32, const uint8_t *digests,
                            uint8_t *signatures, uint8_t *verdicts, size_t count);

/*
 * The digests of `count` claims in canonical form (docs/PROTOCOL.md).
 *   In:  claims          a claim every `stride` bytes: terms 130 || c 32 || r1 16 || s 16 || r2 16
 *                        || expiry 4 LE || u8 length of payoutScript || payoutScript; what follows
 *                        (the signatures) is not read
 *   Out: terms_digests   32 bytes each: H_"vts/terms/1"
 *        ticket_digests  32 bytes each: what sigTicket signs
 *        claim_ids       32 bytes each
 *        spend_digests   32 bytes each: BIP 143 of the spend template, what sigSpend signs
 *        opens           one byte each: 1 if c is the commitment to (r1, s), else 0
 * A claim whose payoutScript is not 22 to 34 bytes long yields zeros throughout. Any count, also 0.
 */
VTS_API void vts_claim_digests(const uint8_t *claims, size_t stride, uint8_t *terms_digests,
                               uint8_t *ticket_digests, uint8_t *claim_ids, uint8_t *spend_digests,
                               uint8_t *opens, size_t count);

/*
 * SHA-256 of `count` messages, four at a time; neighbours of about one length cost least.
 *   In:  prefix   64 bytes that stand before each message, such as the two tag digests of BIP 340;
 *                 or NULL
 *        memory   holds the messages
 *        tasks    16 bytes each: u32 offset of the message in memory, u32 its length, u32 offset of
 *                 its digest in digests, u32 not read; little-endian, at any alignment
 *   Out: digests  32 bytes each, where the tasks say
 * Any count, also 0. The caller answers for the offsets.
 */
VTS_API void vts_sha256_batch(const uint8_t *prefix, const uint8_t *memory, const uint8_t *tasks,
                              uint8_t *digests, size_t count);

/*
 * SipHash-2-4, 64 bits, of `count` messages of one length under each of `key_count` keys; eight
 * messages and two keys at a time.
 *   In:  keys      16 bytes each: two u64, little-endian
 *        messages  `length` bytes every `stride` bytes, any stride and length
 *   Out: hashes    of message i under key j at hashes[j * count + i]
 * Any counts, also 0. The keys are secret to nobody here; the time depends on counts and lengths.
 */
VTS_API void vts_siphash_batch(const uint8_t *keys, size_t key_count, const uint8_t *messages,
                               size_t stride, size_t length, uint64_t *hashes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
