/*
 * SHA-256 (FIPS 180-4) in two forms: one, two or four streams with the CPU's SHA extensions, and
 * sixteen messages side by side in AVX-512.
 *
 * Streams suit messages that lie in rows of bytes, and midstates (digests of claims); sixteen lanes
 * suit many messages of the same shape whose words are in lanes already (RFC 6979 nonces). Both are
 * constant time in the data; lengths are public.
 */
#ifndef VTS_SHA256_H
#define VTS_SHA256_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

/* Chaining value before the first block, and the round constants. */
extern const uint32_t SHA256_START[8];
extern const uint32_t SHA256_K[64];

/*
 * state: 8 words; folds `blocks` blocks of 64 bytes into it. Needs the SHA extensions (cpu.c looks
 * for them).
 */
void sha256_compress(uint32_t state[8], const uint8_t *data, size_t blocks);

/*
 * The same for two and for four independent streams, `blocks` blocks of each. One stream waits for
 * the round instruction, 36 ns a block; two together take no longer than one, and with four the
 * instructions themselves are the limit, 15 ns a block.
 */
void sha256_compress2(uint32_t *const state[2], const uint8_t *const data[2], size_t blocks);
void sha256_compress4(uint32_t *const state[4], const uint8_t *const data[4], size_t blocks);

/* digest[32] = the chaining value as bytes. */
void sha256_write(uint8_t digest[32], const uint32_t state[8]);

/*
 * digest[32] = the hash after `state`, which has taken `before` bytes (a multiple of 64), and the
 * last `length` bytes.
 */
void sha256_finish(uint8_t digest[32], const uint32_t state[8], uint64_t before,
                   const uint8_t *data, size_t length);

/* digest[32] = SHA256(data). */
void sha256(uint8_t digest[32], const uint8_t *data, size_t length);

/*
 * state = chaining value after SHA256(tag) || SHA256(tag), the prefix of a BIP 340 tagged hash; 64
 * bytes taken.
 */
void sha256_tag(uint32_t state[8], const char *tag);

/*
 * Sixteen messages: state[j] holds word j of all chaining values, block[j] (host order) word j of
 * all blocks.
 */
void sha256_compress16(__m512i state[8], const __m512i block[16]);

#endif
