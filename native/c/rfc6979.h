/*
 * Deterministic ECDSA nonces (RFC 6979 with HMAC-SHA256), sixteen at a time, for one secret key and
 * sixteen digests.
 *
 * Byte-identical to libsecp256k1's default nonce function without extra data: the generator is
 * seeded with key (32 bytes) || digest mod n (32 bytes), and each further attempt takes the next 32
 * bytes of its output. Constant time in key and digests. Everything computed here is as secret as
 * the key: the caller wipes what it keeps.
 */
#ifndef VTS_RFC6979_H
#define VTS_RFC6979_H

#include "scalar8.h"

/* What depends on the key alone. Secret. */
typedef struct {
    uint32_t seeded[8]; /* inner hash of the first HMAC after the block V || 0 || key[0..30] */
    uint32_t key[8];    /* the key as big-endian words */
} rfc6979_key;

void rfc6979_key_init(rfc6979_key *key, const uint8_t secret_key32[32]);

/*
 * nonce[0], nonce[1] (lanes 0..7, 8..15) from the digests mod n. attempt: how many outputs of each
 * generator to pass over (0 for the first; libsecp256k1's counter). Returns the lanes (bit 0..15)
 * whose output was 0 or >= n, unusable; probability 2^-128 each.
 */
__mmask16 rfc6979_nonces16(scalar8 nonce[2], const rfc6979_key *key, const scalar8 digest[2],
                           unsigned attempt);

#endif
