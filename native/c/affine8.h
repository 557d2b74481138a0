/*
 * Affine additions with shared inversions: 5M + 1S each and a share of an inversion, where a mixed
 * addition to a Jacobian sum is 8M + 3S. For sums that need no special case: see who calls.
 *
 * The order of work for many sums (P. Montgomery's trick, see fe8_inverse_batch):
 *   affine8_collect   for each sum: multiplies its divisor into a running product, keeps the prefix
 *   affine8_invert    inverts the products
 *   affine8_finish    for each sum, in reverse order: takes its own inverse out again, and adds
 * VTS_STREAMS sums are worked on side by side, each with a product of its own.
 */
#ifndef VTS_AFFINE8_H
#define VTS_AFFINE8_H

#include "group8.h"
#include "inverse8.h"

/* A point to be summed, or subtracted in lanes of `negative`. minus_x below 2^257, w reduced. */
typedef struct {
    fe8 minus_x, w;
    __mmask8 active, negative;
} affine8_summand;

/* r = 2 (a - b): 2 (a + 3 p - b) in one pass of carries. a, b < 2^257 + 2^225. r: factor. */
FE8_INLINE void affine8_difference(fe8 *r, const fe8 *a, const fe8 *b) {
    __m512i c[5];
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        c[i] = _mm512_sub_epi64(fe8_set1(FE8_COVER(i, 2)), b->v[i]);
        c[i] = _mm512_add_epi64(a->v[i], c[i]);
        c[i] = _mm512_add_epi64(c[i], c[i]);
    }
    fe8_carry_factor(r, c);
}

/* r = +-b - a, minus in the lanes of `opposite`. a, b: reduced. r: factor. */
FE8_INLINE void affine8_rise(fe8 *r, const fe8 *b, const fe8 *a, __mmask8 opposite) {
    __m512i c[5];
    fe8_check(a, FE8_REDUCED);
    fe8_check(b, FE8_REDUCED);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        __m512i rest = _mm512_sub_epi64(fe8_set1(FE8_COVER(i, 2)), a->v[i]);
        c[i] = _mm512_add_epi64(rest, b->v[i]);
        c[i] = _mm512_mask_sub_epi64(c[i], opposite, rest, b->v[i]);
    }
    fe8_carry_factor(r, c);
}

FE8_INLINE void affine8_start(fe8 product[VTS_STREAMS]) {
    EACH_STREAM {
        fe8_set_one(&product[s]);
    }
}

FE8_INLINE void affine8_collect(fe8 prefix[VTS_STREAMS], fe8 product[VTS_STREAMS],
                                const fe8 minus_xa[VTS_STREAMS], const fe8 minus_xb[VTS_STREAMS]) {
    EACH_STREAM {
        fe8 divisor;
        affine8_difference(&divisor, &minus_xa[s], &minus_xb[s]);
        prefix[s] = product[s];
        fe8_mul_factor(&product[s], &product[s], &divisor);
    }
}

static inline void affine8_invert(fe8 product[VTS_STREAMS]) {
    fe8 scratch[VTS_STREAMS];
    fe8_inverse_batch_public_var(product, scratch, VTS_STREAMS);
}

/*
 * (minus_x, w) = a + b, with a's sign: slope = (+-wb - wa) / (2 (xb - xa)),
 * x = slope^2 - xa - xb, w = 2 slope (xa - x) - wa. minus_x below 2^257 + 2^225, w reduced.
 */
FE8_INLINE void affine8_finish(fe8 minus_x[VTS_STREAMS], fe8 w[VTS_STREAMS],
                               const fe8 prefix[VTS_STREAMS], fe8 product[VTS_STREAMS],
                               const affine8_summand a[VTS_STREAMS],
                               const affine8_summand b[VTS_STREAMS]) {
    fe8 slope[VTS_STREAMS], run[VTS_STREAMS], inverse[VTS_STREAMS], divisor, rise;
    fe8_wide wide;
    EACH_STREAM {
        affine8_difference(&divisor, &a[s].minus_x, &b[s].minus_x);
        fe8_mul_factor(&inverse[s], &product[s], &prefix[s]);
        fe8_mul_factor(&product[s], &product[s], &divisor);
    }
    EACH_STREAM {
        affine8_rise(&rise, &b[s].w, &a[s].w, a[s].negative ^ b[s].negative);
        fe8_mul_factor(&slope[s], &rise, &inverse[s]);
    }
    EACH_STREAM {
        fe8_wide_square(&wide, &slope[s]);
        fe8_wide_add_loose(&wide, &a[s].minus_x);
        fe8_wide_add_loose(&wide, &b[s].minus_x);
        fe8_fold_signed(&minus_x[s], &wide, 0xff);
        affine8_difference(&run[s], &minus_x[s], &a[s].minus_x);
    }
    EACH_STREAM {
        fe8_wide_negated(&wide, &a[s].w, 1);
        fe8_wide_add_product(&wide, &slope[s], &run[s]);
        fe8_fold(&w[s], &wide, 1);
    }
}

#endif
