/*
 * Inversion of secret numbers in all lanes, in constant time: a product over the batch and over the
 * eight lanes, one scalar inversion with a fixed number of division steps, and back. The price of a
 * batch is three multiplications an element and about 2.5 us, against 16 us (scalars) and 5 us (field
 * elements) for a power with eight lanes of which only one is of use.
 */
#ifndef VTS_INVERSE8_SECRET_H
#define VTS_INVERSE8_SECRET_H

#include "inverse8.h"

/*
 * Ten times 62 of the steps below bring g to 0 for any f, g < 2^256: 590 are enough (P. Wuille's
 * hull computation for this variant, which starts with delta = 1/2; documented in libsecp256k1's
 * doc/safegcd_implementation.md).
 */
#define MODINV_SECRET_BATCHES 10

/*
 * 62 division steps [D. Bernstein, B.-Y. Yang, CHES 2019], branchless:
 *   delta > 0 and g odd:  delta, f, g = 1 - delta, g, (g - f) / 2
 *   else:                 delta, f, g = 1 + delta, f, (g + (g mod 2) f) / 2
 * twice_delta is odd. Returns the new one.
 */
static inline int64_t modinv_secret_divsteps(int64_t twice_delta, uint64_t f, uint64_t g,
                                             modinv_matrix *t) {
    uint64_t u = 1, v = 0, q = 0, r = 1;
    for (int i = 0; i < 62; i++) {
        uint64_t odd = 0 - (g & 1), swap = odd & (uint64_t)(-twice_delta >> 63);
        uint64_t df = ((f ^ swap) - swap) & odd, du = ((u ^ swap) - swap) & odd;
        uint64_t dv = ((v ^ swap) - swap) & odd;
        f += (g - f) & swap;
        u += (q - u) & swap;
        v += (r - v) & swap;
        g = (g + df) >> 1;
        q += du;
        r += dv;
        u <<= 1;
        v <<= 1;
        twice_delta = (twice_delta ^ (int64_t)swap) - (int64_t)swap + 2;
    }
    t->u = (int64_t)u;
    t->v = (int64_t)v;
    t->q = (int64_t)q;
    t->r = (int64_t)r;
    return twice_delta;
}

/* a += m in the numbers that are negative; then a = -a if negate is -1, a if it is 0. */
static inline void modinv_secret_add_negate(modinv_number *a, int64_t negate,
                                            const modinv_modulus *m) {
    int64_t add = a->limb[4] >> 63, carry = 0;
    for (int i = 0; i < 5; i++) {
        int64_t limb = a->limb[i] + (m->modulus.limb[i] & add);
        limb = ((limb ^ negate) - negate) + carry;
        a->limb[i] = i < 4 ? limb & (int64_t)MODINV_MASK : limb;
        carry = limb >> 62;
    }
}

/* As modinv, in constant time. */
static inline void modinv_secret(uint64_t word[4], const modinv_modulus *m) {
    modinv_number f = m->modulus, g, d = {{0}}, e = {{1}};
    modinv_matrix t;
    int64_t twice_delta = 1;
    g.limb[0] = (int64_t)(word[0] & MODINV_MASK);
    g.limb[1] = (int64_t)((word[0] >> 62 | word[1] << 2) & MODINV_MASK);
    g.limb[2] = (int64_t)((word[1] >> 60 | word[2] << 4) & MODINV_MASK);
    g.limb[3] = (int64_t)((word[2] >> 58 | word[3] << 6) & MODINV_MASK);
    g.limb[4] = (int64_t)(word[3] >> 56);
    for (int i = 0; i < MODINV_SECRET_BATCHES; i++) {
        /* 62 steps look at 62 low bits, one limb */
        twice_delta = modinv_secret_divsteps(twice_delta, (uint64_t)f.limb[0],
                                             (uint64_t)g.limb[0], &t);
        modinv_update_inverse(&d, &e, &t, m);
        modinv_update_gcd(&f, &g, &t);
    }
    modinv_secret_add_negate(&d, f.limb[4] >> 63, m); /* f = +-1 */
    modinv_secret_add_negate(&d, 0, m);
    word[0] = (uint64_t)d.limb[0] | (uint64_t)d.limb[1] << 62;
    word[1] = (uint64_t)d.limb[1] >> 2 | (uint64_t)d.limb[2] << 60;
    word[2] = (uint64_t)d.limb[2] >> 4 | (uint64_t)d.limb[3] << 58;
    word[3] = (uint64_t)d.limb[3] >> 6 | (uint64_t)d.limb[4] << 56;
}

/* Lane 0 of canonical limbs, inverted, in all lanes. */
static inline void inverse8_secret_scalar(__m512i r[5], const __m512i a[5],
                                          const modinv_modulus *m) {
    uint64_t v[5], word[4];
    for (int i = 0; i < 5; i++) {
        v[i] = (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(a[i]));
    }
    word[0] = v[0] | v[1] << 52;
    word[1] = v[1] >> 12 | v[2] << 40;
    word[2] = v[2] >> 24 | v[3] << 28;
    word[3] = v[3] >> 36 | v[4] << 16;
    modinv_secret(word, m);
    r[0] = fe8_set1(word[0] & FE8_LIMB);
    r[1] = fe8_set1((word[0] >> 52 | word[1] << 12) & FE8_LIMB);
    r[2] = fe8_set1((word[1] >> 40 | word[2] << 24) & FE8_LIMB);
    r[3] = fe8_set1((word[2] >> 28 | word[3] << 36) & FE8_LIMB);
    r[4] = fe8_set1(word[3] >> 16);
}

/* r = 1 / a in every lane; one zero lane turns all eight to zero. a: operand; r: reduced. */
static inline void fe8_inverse_secret(fe8 *r, const fe8 *a) {
    fe8 product = *a, swapped[3];
    for (int level = 0; level < 3; level++) {
        for (int i = 0; i < 5; i++) {
            swapped[level].v[i] = inverse8_swap(product.v[i], 1 << level);
        }
        fe8_mul(&product, &product, &swapped[level]);
    }
    fe8_normalize(&product, &product);
    inverse8_secret_scalar(product.v, product.v, &MODINV_P);
    for (int level = 2; level >= 0; level--) {
        fe8_mul(&product, &product, &swapped[level]);
    }
    *r = product;
}

/* In-place inversion of count fe8. A zero turns all to zero. a: operand; scratch: count fe8. */
static inline void fe8_inverse_batch_secret(fe8 *a, fe8 *scratch, size_t count) {
    fe8 product, inverse;
    if (count == 0) {
        return;
    }
    product = a[0];
    for (size_t i = 1; i < count; i++) {
        scratch[i] = product;
        fe8_mul(&product, &product, &a[i]);
    }
    fe8_inverse_secret(&inverse, &product);
    for (size_t i = count - 1; i > 0; i--) {
        fe8 t = a[i];
        fe8_mul(&a[i], &inverse, &scratch[i]);
        fe8_mul(&inverse, &inverse, &t);
    }
    a[0] = inverse;
}

/* r = 1 / a in every lane; no lane may be zero, or all eight become zero. */
static inline void scalar8_inverse_secret(scalar8 *r, const scalar8 *a) {
    scalar8 product = *a, swapped[3];
    for (int level = 0; level < 3; level++) {
        for (int i = 0; i < 5; i++) {
            swapped[level].v[i] = inverse8_swap(product.v[i], 1 << level);
        }
        scalar8_mul(&product, &product, &swapped[level]);
    }
    inverse8_secret_scalar(product.v, product.v, &MODINV_N);
    for (int level = 2; level >= 0; level--) {
        scalar8_mul(&product, &product, &swapped[level]);
    }
    *r = product;
}

/*
 * In-place inversion of count scalar8. A zero inverts to zero and does not disturb its neighbours.
 * scratch: count scalar8; it holds products of the inputs afterwards, so wipe it.
 */
static inline void scalar8_inverse_batch_secret(scalar8 *a, scalar8 *scratch, size_t count) {
    scalar8 product, one;
    scalar8_set_one(&one);
    product = one;
    /* scratch[i] = a[0] ... a[i-1], zeros left out */
    for (size_t i = 0; i < count; i++) {
        scalar8 factor;
        scratch[i] = product;
        scalar8_select(&factor, &a[i], &one, scalar8_is_zero(&a[i]));
        scalar8_mul(&product, &product, &factor);
    }
    scalar8_inverse_secret(&product, &product);
    for (size_t i = count; i-- > 0;) {
        scalar8 factor, inverse;
        __mmask8 zero = scalar8_is_zero(&a[i]);
        scalar8_mul(&inverse, &product, &scratch[i]);
        scalar8_select(&factor, &a[i], &one, zero);
        scalar8_mul(&product, &product, &factor);
        scalar8_select(&a[i], &inverse, &a[i], zero);
    }
}

#endif
