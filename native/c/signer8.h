/*
 * A signer's tables: everything that signing under one key looks up, and nothing secret.
 *
 * The memory is the caller's (vts_signer_size() bytes, 64-aligned); after signer8_init it is only
 * read, by any number of threads.
 */
#ifndef VTS_SIGNER8_H
#define VTS_SIGNER8_H

#include "comb8.h"

enum {
    /* Nonce times generator: 128 entries fit sixteen registers and one in-register look-up. */
    SIGN_WIDTH = 8,
    SIGN_WINDOWS = (255 + SIGN_WIDTH) / SIGN_WIDTH,
    SIGN_ENTRIES = COMB8_PERMUTED, /* 1 << (SIGN_WIDTH - 1) */
    /*
     * Verification after signing, public scalars: larger tables, looked up by address. 13 bits are
     * 20 additions a scalar and 5 MiB a table; each bit more saves an addition or two, 28 ns, and
     * doubles the memory.
     */
    CHECK_WIDTH = 13,
    CHECK_WINDOWS = (255 + CHECK_WIDTH) / CHECK_WIDTH,
    CHECK_ENTRIES = 1 << (CHECK_WIDTH - 1)
};

typedef struct {
    _Alignas(64) uint8_t public_key[64];                       /* 33 bytes, then zeros */
    _Alignas(64) uint64_t nonce[SIGN_WINDOWS][8 * SIGN_ENTRIES]; /* word-major: _permute */
    _Alignas(64) uint64_t generator[CHECK_WINDOWS][8 * CHECK_ENTRIES]; /* entry-major: _gather */
    _Alignas(64) uint64_t key[CHECK_WINDOWS][8 * CHECK_ENTRIES];
} signer8;

/* 0: ready. 1: the secret key is 0 or >= n. 2: public_key33 is not the secret key's. */
int signer8_init(signer8 *signer, const uint8_t public_key33[33], const uint8_t secret_key32[32]);

/* sum = k G for eight scalars, constant time; y is the true Y. */
void signer8_multiply(comb8_sum *sum, const signer8 *signer, const scalar8 *k);

#endif
