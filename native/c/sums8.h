/*
 * What a ladder adds: every position of a signature's ladder has several table entries to add
 * (two of the key's, or four of the generator's), and they are summed up before, as affine points
 * with shared inversions: 5M + 1S each, and a third of an addition to the ladder's Jacobian sum
 * saved.
 *
 * No special case can occur. The summands of one position are multiples a P and b 2^66 P of a point
 * of prime order n, or a G, b 2^64 G, c 2^128 G, d 2^192 G, with small nonzero a .. d (Eisenstein
 * integers of norm below 20; integers up to 2^15). Equal or opposite points would make n divide a
 * number that is not zero and whose norm is below n^2 (below 2^137; 2^416). Lanes whose digit is
 * zero read the table's first entry, to which the same applies, and are put right afterwards.
 */
#ifndef VTS_SUMS8_H
#define VTS_SUMS8_H

#include "digits8.h"
#include "group8.h"
#include "inverse8.h"

#define KEY_SUMS (KEY_DIGITS / 2)
#define G_SUMS (G_DIGITS / 4)
#define FIRST_SUMS (KEY_SUMS + 2 * G_SUMS) /* of two table entries */
#define HALF_TABLE_BYTES (8 * KEY_LANE_BYTES)

/* A sum for VTS_STREAMS streams: minus_x below 2^257, w reduced. */
typedef struct {
    fe8 minus_x[VTS_STREAMS], w[VTS_STREAMS];
} sums8_point;

/*
 * One pair of signature groups. In: tables and digits. Out: sum i < KEY_SUMS is to be added at bit
 * 3 i, sum KEY_SUMS + 2 i at bit 16 i; `active` and `negative` as in ge8_addend.
 */
typedef struct {
    sums8_point point[FIRST_SUMS];
    fe8 prefix[G_SUMS][VTS_STREAMS];
    __mmask8 active[FIRST_SUMS][VTS_STREAMS], negative[FIRST_SUMS][VTS_STREAMS];
    const uint8_t *table[VTS_STREAMS]; /* two halves of HALF_TABLE_BYTES */
    digits8 digits[VTS_STREAMS];
} sums8;

/* Computes the sums of `count` pairs. */
static void sums8_build(sums8 *pair, size_t count);

/* A summand as a table or an earlier sum has it. minus_x: operand below 2^257; w: reduced. */
typedef struct {
    fe8 minus_x, w;
    __mmask8 active, negative;
} sums8_summand;

/* Summand `which` (0, 1) of first sum i. */
FE8_INLINE void sums8_entry(sums8_summand *r, const sums8 *pair, int s, int i, int which) {
    const digits8 *d = &pair->digits[s];
    const uint8_t *base;
    const uint32_t *at;
    uint32_t w_bit;
    __m512i word[4];
    if (i < KEY_SUMS) {
        int digit = i + which * KEY_SUMS;
        base = pair->table[s] + which * HALF_TABLE_BYTES;
        at = d->x[digit];
        w_bit = KEY_W_BIT;
        r->active = d->x_active[digit];
        r->negative = d->x_negative[digit];
    } else {
        int position = (i - KEY_SUMS) / 2, g_base = (i - KEY_SUMS) % 2 * 2 + which;
        int digit = 4 * g_base + position;
        base = vts_gtable + (size_t)g_base * GTABLE_BASE_BYTES;
        at = d->g[digit];
        w_bit = GTABLE_W_BIT;
        r->active = d->g_active[digit];
        r->negative = d->g_negative[digit];
    }
    ge8_load_words(word, base, at, 0);
    fe8_unpack(&r->minus_x, word);
    ge8_load_words(word, base, at, w_bit);
    fe8_unpack(&r->w, word);
}

/* Summand `which` of second sum i: the two sums of two generator entries of position i. */
FE8_INLINE void sums8_first_sum(sums8_summand *r, const sums8 *pair, int s, int i, int which) {
    int from = KEY_SUMS + 2 * i + which;
    r->minus_x = pair->point[from].minus_x[s];
    r->w = pair->point[from].w[s];
    r->active = pair->active[from][s];
    r->negative = pair->negative[from][s];
}

/* r = 2 (a - b): 2 (a + 3 p - b) in one pass of carries. a, b < 2^257 + 2^225. r: operand. */
FE8_INLINE void sums8_difference(fe8 *r, const fe8 *a, const fe8 *b) {
    __m512i c[5];
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        c[i] = _mm512_sub_epi64(fe8_set1(FE8_COVER(i, 2)), b->v[i]);
        c[i] = _mm512_add_epi64(a->v[i], c[i]);
        c[i] = _mm512_add_epi64(c[i], c[i]);
    }
    fe8_carry(r, c);
    fe8_check(r, 0);
}

/* r = +-b - a, minus in the lanes of `opposite`. a, b: reduced. r: operand. */
FE8_INLINE void sums8_signed_difference(fe8 *r, const fe8 *b, const fe8 *a, __mmask8 opposite) {
    __m512i c[5];
    fe8_check(a, FE8_REDUCED);
    fe8_check(b, FE8_REDUCED);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        __m512i rest = _mm512_sub_epi64(fe8_set1(FE8_COVER(i, 2)), a->v[i]);
        c[i] = _mm512_add_epi64(rest, b->v[i]);
        c[i] = _mm512_mask_sub_epi64(c[i], opposite, rest, b->v[i]);
    }
    fe8_carry(r, c);
    fe8_check(r, 0);
}

/*
 * point[to] = a + b: slope = (+-wb - wa) / (2 (xb - xa)), x = slope^2 - xa - xb,
 * w = 2 slope (xa - x) - wa; the sign is a's. inverse: of sums8_difference(minus xa, minus xb).
 */
FE8_INLINE void sums8_add(sums8 *pair, int to, const sums8_summand *a, const sums8_summand *b,
                          const fe8 *inverse) {
    fe8 slope[VTS_STREAMS], run[VTS_STREAMS], rise;
    fe8_wide wide;
    sums8_point *sum = &pair->point[to];
    EACH_STREAM {
        sums8_signed_difference(&rise, &b[s].w, &a[s].w, a[s].negative ^ b[s].negative);
        fe8_mul(&slope[s], &rise, &inverse[s]);
    }
    EACH_STREAM {
        fe8_wide_square(&wide, &slope[s]);
        fe8_wide_add_loose(&wide, &a[s].minus_x);
        fe8_wide_add_loose(&wide, &b[s].minus_x);
        fe8_fold_signed(&sum->minus_x[s], &wide, 0xff);
        sums8_difference(&run[s], &sum->minus_x[s], &a[s].minus_x);
    }
    EACH_STREAM {
        fe8_wide_negated(&wide, &a[s].w, 1);
        fe8_wide_add_product(&wide, &slope[s], &run[s]);
        fe8_fold(&sum->w[s], &wide, 1);
    }
    EACH_STREAM {
        __mmask8 only_a = a[s].active & (__mmask8)~b[s].active;
        __mmask8 only_b = b[s].active & (__mmask8)~a[s].active;
        if (only_a | only_b) {
            fe8_select(&sum->minus_x[s], &sum->minus_x[s], &a[s].minus_x, only_a);
            fe8_select(&sum->minus_x[s], &sum->minus_x[s], &b[s].minus_x, only_b);
            fe8_select(&sum->w[s], &sum->w[s], &a[s].w, only_a);
            fe8_select(&sum->w[s], &sum->w[s], &b[s].w, only_b);
        }
        pair->active[to][s] = a[s].active | b[s].active;
        pair->negative[to][s] = (a[s].negative & (__mmask8)~only_b) | (b[s].negative & only_b);
    }
}

typedef void sums8_read(sums8_summand *, const sums8 *, int, int, int);

/* product[s] *= the divisor of sum i; what it was before goes to prefix. */
FE8_INLINE void sums8_collect(fe8 *prefix, fe8 *product, const sums8 *pair, int i, sums8_read *read) {
    EACH_STREAM {
        sums8_summand a, b;
        fe8 divisor;
        read(&a, pair, s, i, 0);
        read(&b, pair, s, i, 1);
        sums8_difference(&divisor, &a.minus_x, &b.minus_x);
        prefix[s] = product[s];
        fe8_mul(&product[s], &product[s], &divisor);
    }
}

/* Sum i into point[to], with product[s] = 1 / (product of the divisors up to i's), from prefix. */
FE8_INLINE void sums8_finish(const fe8 *prefix, fe8 *product, sums8 *pair, int i, int to,
                             sums8_read *read) {
    sums8_summand a[VTS_STREAMS], b[VTS_STREAMS];
    fe8 inverse[VTS_STREAMS], divisor;
    EACH_STREAM {
        read(&a[s], pair, s, i, 0);
        read(&b[s], pair, s, i, 1);
        sums8_difference(&divisor, &a[s].minus_x, &b[s].minus_x);
        fe8_mul(&inverse[s], &product[s], &prefix[s]);
        fe8_mul(&product[s], &product[s], &divisor);
    }
    sums8_add(pair, to, a, b, inverse);
}

/* Prefixes of the first sums lie where the sums' w will be. */
static __attribute__((noinline)) void sums8_collect_first(sums8 *pair, fe8 *product) {
    for (int i = 0; i < KEY_SUMS; i++) {
        sums8_collect(pair->point[i].w, product, pair, i, sums8_entry);
    }
    for (int i = KEY_SUMS; i < FIRST_SUMS; i++) {
        sums8_collect(pair->point[i].w, product, pair, i, sums8_entry);
    }
}

static __attribute__((noinline)) void sums8_finish_first(sums8 *pair, fe8 *product) {
    for (int i = FIRST_SUMS - 1; i >= KEY_SUMS; i--) {
        sums8_finish(pair->point[i].w, product, pair, i, i, sums8_entry);
    }
    for (int i = KEY_SUMS - 1; i >= 0; i--) {
        sums8_finish(pair->point[i].w, product, pair, i, i, sums8_entry);
    }
}

static __attribute__((noinline)) void sums8_collect_second(sums8 *pair, fe8 *product) {
    for (int i = 0; i < G_SUMS; i++) {
        sums8_collect(pair->prefix[i], product, pair, i, sums8_first_sum);
    }
}

static __attribute__((noinline)) void sums8_finish_second(sums8 *pair, fe8 *product) {
    for (int i = G_SUMS - 1; i >= 0; i--) {
        sums8_finish(pair->prefix[i], product, pair, i, KEY_SUMS + 2 * i, sums8_first_sum);
    }
}

static void sums8_level(sums8 *pair, size_t count, void (*collect)(sums8 *, fe8 *),
                        void (*finish)(sums8 *, fe8 *)) {
    fe8 product[VTS_STREAMS], scratch[VTS_STREAMS];
    EACH_STREAM {
        fe8_set_one(&product[s]);
    }
    for (size_t i = 0; i < count; i++) {
        collect(&pair[i], product);
    }
    fe8_inverse_batch_public_var(product, scratch, VTS_STREAMS);
    for (size_t i = count; i > 0; i--) {
        finish(&pair[i - 1], product);
    }
}

static void sums8_build(sums8 *pair, size_t count) {
    sums8_level(pair, count, sums8_collect_first, sums8_finish_first);
    sums8_level(pair, count, sums8_collect_second, sums8_finish_second);
}

#endif
