/*
 * Inversion of public numbers in all lanes: a product over the eight lanes, one scalar inversion,
 * and back. Variable time. No lane may be zero.
 */
#ifndef VTS_INVERSE8_H
#define VTS_INVERSE8_H

#include "field8.h"
#include "modinv.h"
#include "scalar8.h"

/* r = 1 / a. a: operand, r: reduced. */
static inline void fe8_inverse_public_var(fe8 *r, const fe8 *a);

/*
 * In-place inversion of count fe8. a: operand; r: reduced. scratch: count fe8.
 * Two chains of products, of the even and of the odd places, so that their latencies overlap.
 */
static inline void fe8_inverse_batch_public_var(fe8 *a, fe8 *scratch, size_t count);

/* In-place inversion of count scalar8. */
static inline void scalar8_inverse_batch_public_var(scalar8 *a, scalar8 *scratch, size_t count);

/* Lanes exchanged at distance 1, 2 or 4. */
FE8_INLINE __m512i inverse8_swap(__m512i x, int distance) {
    return distance == 1   ? _mm512_permutex_epi64(x, 0xb1)
           : distance == 2 ? _mm512_permutex_epi64(x, 0x4e)
                           : _mm512_shuffle_i64x2(x, x, 0x4e);
}

/* Lane 0 of canonical limbs, inverted by modinv, in all lanes. */
FE8_INLINE void inverse8_scalar(__m512i r[5], const __m512i a[5], const modinv_modulus *m) {
    const uint64_t limb = FE8_LIMB;
    uint64_t v[5], word[4];
    for (int i = 0; i < 5; i++) {
        v[i] = (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(a[i]));
    }
    word[0] = v[0] | v[1] << 52;
    word[1] = v[1] >> 12 | v[2] << 40;
    word[2] = v[2] >> 24 | v[3] << 28;
    word[3] = v[3] >> 36 | v[4] << 16;
#ifdef VTS_CHECKED
    if (!(word[0] | word[1] | word[2] | word[3])) {
        fprintf(stderr, "inverse8: a lane is zero\n");
        abort();
    }
#endif
    modinv(word, m);
    r[0] = fe8_set1(word[0] & limb);
    r[1] = fe8_set1((word[0] >> 52 | word[1] << 12) & limb);
    r[2] = fe8_set1((word[1] >> 40 | word[2] << 24) & limb);
    r[3] = fe8_set1((word[2] >> 28 | word[3] << 36) & limb);
    r[4] = fe8_set1(word[3] >> 16);
}

static inline void fe8_inverse_public_var(fe8 *r, const fe8 *a) {
    fe8 product[4], swapped[3], inverse;
    product[0] = *a;
    for (int level = 0; level < 3; level++) {
        for (int i = 0; i < 5; i++) {
            swapped[level].v[i] = inverse8_swap(product[level].v[i], 1 << level);
        }
        fe8_mul(&product[level + 1], &product[level], &swapped[level]);
    }
    fe8_normalize(&inverse, &product[3]);
    inverse8_scalar(inverse.v, inverse.v, &MODINV_P);
    for (int level = 2; level >= 0; level--) {
        fe8_mul(&inverse, &inverse, &swapped[level]);
    }
    *r = inverse;
}

static inline void fe8_inverse_batch_public_var(fe8 *a, fe8 *scratch, size_t count) {
    fe8 product[2], inverse, all;
    if (count < 2) {
        if (count) {
            fe8_inverse_public_var(&a[0], &a[0]);
        }
        return;
    }
    product[0] = a[0];
    product[1] = a[1];
    for (size_t i = 2; i < count; i++) {
        scratch[i] = product[i & 1];
        fe8_mul(&product[i & 1], &product[i & 1], &a[i]);
    }
    fe8_mul(&all, &product[0], &product[1]);
    fe8_inverse_public_var(&inverse, &all);
    fe8_mul(&all, &inverse, &product[1]);
    fe8_mul(&product[1], &inverse, &product[0]);
    product[0] = all;
    for (size_t i = count - 1; i > 1; i--) {
        fe8 t = a[i];
        fe8_mul(&a[i], &product[i & 1], &scratch[i]);
        fe8_mul(&product[i & 1], &product[i & 1], &t);
    }
    a[0] = product[0];
    a[1] = product[1];
}

static inline void scalar8_inverse_batch_public_var(scalar8 *a, scalar8 *scratch, size_t count) {
    scalar8 product, swapped[3], inverse;
    if (count == 0) {
        return;
    }
    product = a[0];
    for (size_t i = 1; i < count; i++) {
        scratch[i] = product;
        scalar8_mul(&product, &product, &a[i]);
    }
    for (int level = 0; level < 3; level++) {
        for (int i = 0; i < 5; i++) {
            swapped[level].v[i] = inverse8_swap(product.v[i], 1 << level);
        }
        scalar8_mul(&product, &product, &swapped[level]);
    }
    inverse8_scalar(inverse.v, product.v, &MODINV_N);
    for (int level = 2; level >= 0; level--) {
        scalar8_mul(&inverse, &inverse, &swapped[level]);
    }
    for (size_t i = count - 1; i > 0; i--) {
        scalar8 t = a[i];
        scalar8_mul(&a[i], &inverse, &scratch[i]);
        scalar8_mul(&inverse, &inverse, &t);
    }
    a[0] = inverse;
}

#endif
