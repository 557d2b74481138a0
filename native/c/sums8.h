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

#include "keys8.h"

#define KEY_SUMS (KEY_DIGITS / 2)
#define G_SUMS (G_DIGITS / 4)
#define FIRST_SUMS (KEY_SUMS + 2 * G_SUMS) /* of two table entries */

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
    const key_tables *tables[VTS_STREAMS];
    digits8 digits[VTS_STREAMS];
} sums8;

/* Computes the sums of `count` pairs. */
static void sums8_build(sums8 *pair, size_t count);

/* Summand `which` (0, 1) of first sum i. */
FE8_INLINE void sums8_entry(affine8_summand *r, const sums8 *pair, int s, int i, int which) {
    const digits8 *d = &pair->digits[s];
    const uint8_t *base;
    const uint32_t *at;
    uint32_t w_bit;
    __m512i word[4];
    if (i < KEY_SUMS) {
        int digit = i + which * KEY_SUMS;
        base = pair->tables[s]->half[which];
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
FE8_INLINE void sums8_first_sum(affine8_summand *r, const sums8 *pair, int s, int i, int which) {
    int from = KEY_SUMS + 2 * i + which;
    r->minus_x = pair->point[from].minus_x[s];
    r->w = pair->point[from].w[s];
    r->active = pair->active[from][s];
    r->negative = pair->negative[from][s];
}

typedef void sums8_read(affine8_summand *, const sums8 *, int, int, int);

FE8_INLINE void sums8_collect(fe8 *prefix, fe8 *product, const sums8 *pair, int i,
                              sums8_read *read) {
    fe8 minus_xa[VTS_STREAMS], minus_xb[VTS_STREAMS];
    EACH_STREAM {
        affine8_summand a, b;
        read(&a, pair, s, i, 0);
        read(&b, pair, s, i, 1);
        minus_xa[s] = a.minus_x;
        minus_xb[s] = b.minus_x;
    }
    affine8_collect(prefix, product, minus_xa, minus_xb);
}

/* Sum i into point[to]; where one summand is not active, the other is the sum. */
FE8_INLINE void sums8_finish(const fe8 *prefix, fe8 *product, sums8 *pair, int i, int to,
                             sums8_read *read) {
    affine8_summand a[VTS_STREAMS], b[VTS_STREAMS];
    sums8_point *sum = &pair->point[to];
    EACH_STREAM {
        read(&a[s], pair, s, i, 0);
        read(&b[s], pair, s, i, 1);
    }
    affine8_finish(sum->minus_x, sum->w, prefix, product, a, b);
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
    fe8 product[VTS_STREAMS];
    affine8_start(product);
    for (size_t i = 0; i < count; i++) {
        collect(&pair[i], product);
    }
    affine8_invert(product);
    for (size_t i = count; i > 0; i--) {
        finish(&pair[i - 1], product);
    }
}

static void sums8_build(sums8 *pair, size_t count) {
    sums8_level(pair, count, sums8_collect_first, sums8_finish_first);
    sums8_level(pair, count, sums8_collect_second, sums8_finish_second);
}

#endif
