/*
 * Eight scalars side by side: arithmetic modulo the order n of secp256k1 in the 64-bit lanes of
 * AVX-512.
 *
 * n = 2^256 - c, c = 0x14551231950b75fc4402da1732fc9bebf (129 bits)    [SEC 2 v2, section 2.4.1]
 *
 * Representation. A scalar8 holds eight scalars, one per lane; limb i of all lanes is v[i]:
 *
 *     value(lane) = v[0] + v[1] 2^52 + v[2] 2^104 + v[3] 2^156 + v[4] 2^208
 *
 * Every scalar8 that a function here returns is canonical: v[0..3] < 2^52, v[4] < 2^48, value < n.
 * Every scalar8 that a function takes must be canonical; a build with VTS_CHECKED asserts both.
 * (The scalar work is a few percent of a signature's, so one invariant is worth more than the
 * handful of carries that looser bounds would save.)
 *
 * Lane masks are __mmask8, bit i = lane i. Argument order: result first, then operands. Results may
 * alias operands.
 *
 * Constant time: all functions, unless their name ends in _var. "Constant time"
 * means: no branch and no address that depends on a lane's value; batch sizes and lane counts are
 * public.
 */
#ifndef VTS_SCALAR8_H
#define VTS_SCALAR8_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    __m512i v[5];
} scalar8;

/*
 * One half of a split scalar: magnitude lo + hi 2^64 < 2^128 in each lane, and the lanes in which
 * it counts negative.
 */
typedef struct {
    __m512i lo, hi;
    __mmask8 negative;
} scalar8_half;

/* All lanes zero / one. */
static inline void scalar8_set_zero(scalar8 *r);
static inline void scalar8_set_one(scalar8 *r);

/*
 * Reads `lanes` (1..8) 32-byte big-endian numbers from bytes, bytes + stride, ...; the lanes above
 * are read as zero.
 * Returns: the lanes whose number was >= n; these hold number - n, so the value is number mod n.
 */
static inline __mmask8 scalar8_load(scalar8 *r, const uint8_t *bytes, size_t stride,
                                    unsigned lanes);

/* Writes the first `lanes` (1..8) scalars, 32 bytes big-endian, to bytes, bytes + stride, ... */
static inline void scalar8_store(uint8_t *bytes, size_t stride, unsigned lanes, const scalar8 *a);

/*
 * r = any 256-bit number in limbs (v[0..3] < 2^52, v[4] < 2^48) mod n.
 * Returns: the lanes that were >= n.
 */
static inline __mmask8 scalar8_reduce_once(scalar8 *r, const __m512i number[5]);

/* Lanes that are zero; one; above (n - 1) / 2 ("high", BIP 62); equal in a and b. */
static inline __mmask8 scalar8_is_zero(const scalar8 *a);
static inline __mmask8 scalar8_is_high(const scalar8 *a);
static inline __mmask8 scalar8_equal(const scalar8 *a, const scalar8 *b);

/*
 * add: r = a + b. negate_lanes: r = -a in the lanes of `lanes`, a elsewhere. mul: r = a b.
 * sqr: r = a^2. select: r = b in the lanes of `lanes`, a elsewhere.
 */
static inline void scalar8_add(scalar8 *r, const scalar8 *a, const scalar8 *b);
static inline void scalar8_negate_lanes(scalar8 *r, const scalar8 *a, __mmask8 lanes);
static inline void scalar8_mul(scalar8 *r, const scalar8 *a, const scalar8 *b);
static inline void scalar8_sqr(scalar8 *r, const scalar8 *a);
static inline void scalar8_select(scalar8 *r, const scalar8 *a, const scalar8 *b, __mmask8 lanes);

/*
 * r = a^(n-2): the inverse, and 0 for 0. About 300 multiplications one after the other, 16 us: the
 * plain way, with which the tests compare inverse8.h and inverse8_secret.h.
 */
static inline void scalar8_inverse(scalar8 *r, const scalar8 *a);

/*
 * Splits k for the endomorphism (x, y) -> (beta x, y) = lambda (x, y): k = k1 + lambda k2 mod n,
 * |k1|, |k2| < 2^128.
 *   lambda = 5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72
 * Source: R. Gallant, R. Lambert, S. Vanstone, "Faster point multiplication on elliptic curves with
 * efficient endomorphisms", CRYPTO 2001; Guide to Elliptic Curve Cryptography, algorithm 3.74.
 */
static inline void scalar8_split_lambda(scalar8_half *k1, scalar8_half *k2, const scalar8 *k);

#include "scalar8_impl.h"

#endif
