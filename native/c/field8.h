/*
 * Eight field elements side by side: arithmetic modulo p = 2^256 - 2^32 - 977 in the 64-bit lanes
 * of AVX-512, with the 52-bit multiply-add of AVX512_IFMA.
 *
 * Representation. An fe8 holds eight elements, one per lane; limb i of all lanes is v[i]:
 *
 *     value(lane) = v[0] + v[1] 2^52 + v[2] 2^104 + v[3] 2^156 + v[4] 2^208
 *
 * The multiply-add reads the low 52 bits of its operands and silently drops the rest, so bounds
 * are the whole contract. Three forms, each contained in the next:
 *
 *     canonical   v[0..3] < 2^52, v[4] < 2^48, value < p
 *     reduced     v[0..3] < 2^52, v[4] < 2^48 + 2^16      (value < 2^256 + 2^224, so < 2 p)
 *     operand     v[0..3] < 2^52, v[4] < 2^52             (what a multiplication may be given)
 *
 * Two further forms save carries where a value's use is known:
 *
 *     factor      an operand whose limbs may have anything above bit 51, already carried into the
 *                 next limb as well: for products, which ignore it, and fe8_settle
 *     term        not carried: v[0..3] < 2^58, v[4] < 2^48: for fe8_wide_subtract_term and
 *                 fe8_sub_term
 *
 * Products are sums in a wide accumulator (fe8_wide) until fe8_fold brings one back to the reduced
 * form; additions and subtractions ride along as start values of the accumulator and cost no carry
 * of their own. A build with VTS_CHECKED asserts every bound that a function states.
 *
 * Argument order: result first, then operands. Results may alias operands. Lane masks are __mmask8,
 * bit i = lane i. No function branches on, or forms an address from, a lane's value, except those
 * whose name ends in _var.
 */
#ifndef VTS_FIELD8_H
#define VTS_FIELD8_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    __m512i v[5];
} fe8;

/* Columns of a sum of products: value = sum c[k] 2^(52 k). */
typedef struct {
    __m512i c[10];
} fe8_wide;

/* Sets all lanes to one constant: limbs of an operand. r: as given. */
static inline void fe8_set_constant(fe8 *r, const uint64_t limbs[5]);
static inline void fe8_set_zero(fe8 *r);
static inline void fe8_set_one(fe8 *r);

/* r = b in the lanes of mask, a elsewhere. */
static inline void fe8_select(fe8 *r, const fe8 *a, const fe8 *b, __mmask8 mask);

/*
 * Start values of an accumulator.
 *   zero:       w = 0
 *   of:         w = a                          a: operand
 *   negated:    w = -m a mod p, m = 1 or 2     a: reduced
 */
static inline void fe8_wide_zero(fe8_wide *w);
static inline void fe8_wide_of(fe8_wide *w, const fe8 *a);
static inline void fe8_wide_negated(fe8_wide *w, const fe8 *a, int m);

/*
 * w += a b; w = a^2. a, b: operand limbs (bits from 52 on are ignored in v[0..4], as the
 * instruction does; the checked build asserts that there are none, fe8_wide_add_product_raw does
 * not). At most four products may be summed, and their sum must stay below 2^520.
 */
static inline void fe8_wide_add_product(fe8_wide *w, const fe8 *a, const fe8 *b);
static inline void fe8_wide_add_product_raw(fe8_wide *w, const fe8 *a, const fe8 *b);
static inline void fe8_wide_square(fe8_wide *w, const fe8 *a);
/* w += a, w -= m a (mod p): columns 0..4 only. a: reduced (_loose: operand), m = 1 or 2. */
static inline void fe8_wide_add(fe8_wide *w, const fe8 *a);
static inline void fe8_wide_add_loose(fe8_wide *w, const fe8 *a);
static inline void fe8_wide_subtract(fe8_wide *w, const fe8 *a, int m);
static inline void fe8_wide_subtract_term(fe8_wide *w, const fe8 *term, int m);

/*
 * r = scale w mod p, scale 1, 2, 3 or 4, negated in the lanes of `negative`. In: columns 0..4
 * below 2^61 (2^59 for scale 3 and 4, 2^60 for fold_signed), 5..9 below 2^58, value below 2^520.
 * r: reduced; of fold_signed: operand below 2^257 + 2^225; _factor: the same as a factor;
 * fold_term: term, for columns 0..4 below 2^57.
 */
static inline void fe8_fold(fe8 *r, const fe8_wide *w, int scale);
static inline void fe8_fold_signed(fe8 *r, const fe8_wide *w, __mmask8 negative);
static inline void fe8_fold_factor(fe8 *r, const fe8_wide *w, int scale);
static inline void fe8_fold_signed_factor(fe8 *r, const fe8_wide *w, __mmask8 negative);
static inline void fe8_fold_term(fe8 *r, const fe8_wide *w);

/* r = the factor a as the operand that it stands for. */
static inline void fe8_settle(fe8 *r, const fe8 *a);

/* r = a b; r = a^2; r = a^(2^count). a, b: operand. r: reduced, factor, term; sqr_times: factor. */
static inline void fe8_mul(fe8 *r, const fe8 *a, const fe8 *b);
static inline void fe8_sqr(fe8 *r, const fe8 *a);
static inline void fe8_mul_factor(fe8 *r, const fe8 *a, const fe8 *b);
static inline void fe8_sqr_factor(fe8 *r, const fe8 *a);
static inline void fe8_mul_term(fe8 *r, const fe8 *a, const fe8 *b);
static inline void fe8_sqr_times(fe8 *r, const fe8 *a, int count);

/*
 * r = a + b; r = a - b; r = 2 (a - b); r = -a, without a reduction: one pass of carries.
 * a, b: reduced. r: operand, below 2^257 + 2^225, 2^258, 2^259, 2^257 (top limb below 2^49 + 2^17,
 * 2^50, 2^51, 2^49).
 */
static inline void fe8_add(fe8 *r, const fe8 *a, const fe8 *b);
static inline void fe8_sub(fe8 *r, const fe8 *a, const fe8 *b);
static inline void fe8_sub_double(fe8 *r, const fe8 *a, const fe8 *b);
static inline void fe8_negate(fe8 *r, const fe8 *a);
/* r = scale (a - term), scale 1 or 2, as a factor below 2^258, 2^259. a: reduced. */
static inline void fe8_sub_term(fe8 *r, const fe8 *a, const fe8 *term, int scale);

/* r = a as reduced, canonical. a: operand. */
static inline void fe8_normalize_weak(fe8 *r, const fe8 *a);
static inline void fe8_normalize(fe8 *r, const fe8 *a);

/* Lanes whose element is zero mod p; equal mod p. a, b: operand for is_zero, reduced for equal. */
static inline __mmask8 fe8_is_zero(const fe8 *a);
static inline __mmask8 fe8_equal(const fe8 *a, const fe8 *b);

/* Lanes that are odd. a: canonical. */
static inline __mmask8 fe8_is_odd(const fe8 *a);

/* r = a^(p-2): the inverse, 0 for 0. r = a^((p+1)/4): a square root if there is one. a: operand. */
static inline void fe8_inverse(fe8 *r, const fe8 *a);
static inline void fe8_sqrt_candidate(fe8 *r, const fe8 *a);
/* Two of them at once, so that one's latency hides behind the other. */
static inline void fe8_sqrt_candidate_pair(fe8 r[2], const fe8 a[2]);

/*
 * In-place inversion of count fe8 (8 count elements) at three multiplications each and one
 * fe8_inverse (P. Montgomery, "Speeding the Pollard and elliptic curve methods of factorization",
 * 1987, section 10.3.1). A zero turns its own lane of all of them to zero: callers exclude it.
 * a: reduced; scratch: count fe8.
 */
static inline void fe8_inverse_batch(fe8 *a, fe8 *scratch, size_t count);

/*
 * Packed form: 256 bits in four little-endian 64-bit words, word i of all lanes in w[i].
 *   pack:       a: reduced and below 2^256 (canonical, in practice).
 *   unpack:     r: canonical limbs if the words are below p.
 *   unpack_raw: limbs for the _raw product only: bits from 52 on are left as they come.
 */
static inline void fe8_pack(__m512i w[4], const fe8 *a);
static inline void fe8_unpack(fe8 *r, const __m512i w[4]);
static inline void fe8_unpack_raw(fe8 *r, const __m512i w[4]);

#include "field8_impl.h"

#endif
