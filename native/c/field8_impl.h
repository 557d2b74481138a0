/* Implementation of field8.h. */
#ifndef VTS_FIELD8_IMPL_H
#define VTS_FIELD8_IMPL_H

#ifdef VTS_CHECKED
#include <stdio.h>
#include <stdlib.h>
#endif

#ifndef VTS_UNROLL
#if defined(__clang__)
#define VTS_UNROLL _Pragma("clang loop unroll(full)")
#else
#define VTS_UNROLL _Pragma("GCC unroll 16")
#endif
#endif

/*
 * The arithmetic must be inlined, or every limb takes a way through memory. The checked build
 * leaves that to the compiler: with bounds and sanitizers in every copy it would take minutes.
 */
#ifdef VTS_CHECKED
#define FE8_INLINE static inline
#else
#define FE8_INLINE static inline __attribute__((always_inline))
#endif

#define FE8_LIMB ((1ULL << 52) - 1)
#define FE8_TOP ((1ULL << 48) - 1)
#define FE8_C 0x1000003D1ULL    /* 2^256 mod p */
#define FE8_16C 0x1000003D10ULL /* 2^260 mod p */

static const uint64_t FE8_P[5] = {0xffffefffffc2f, 0xfffffffffffff, 0xfffffffffffff,
                                  0xfffffffffffff, 0xffffffffffff};
/* beta, a cube root of 1 mod p: lambda (x, y) = (beta x, y). */
static const uint64_t FE8_BETA[5] = {0x96c28719501ee, 0x7512f58995c13, 0xc3434e99cf049,
                                     0x7106e64479ea, 0x7ae96a2b657c};

static const uint64_t FE8_BETA_SQUARED[5] = {0x693d68e6afa40, 0x8aed0a766a3ec, 0x3cbcb16630fb6,
                                             0xf8ef919bb8615, 0x851695d49a83};

FE8_INLINE __m512i fe8_set1(uint64_t x) {
    return _mm512_set1_epi64((long long)x);
}

/* Limbs below 2^52, top limb below `top` (0: no bound beyond 2^52). */
FE8_INLINE void fe8_check(const fe8 *a, uint64_t top) {
#ifdef VTS_CHECKED
    __mmask8 bad = 0;
    for (int i = 0; i < 5; i++) {
        bad |= _mm512_cmpgt_epu64_mask(a->v[i], fe8_set1(i == 4 && top ? top - 1 : FE8_LIMB));
    }
    if (bad) {
        fprintf(stderr, "field8: bound exceeded, lanes %02x\n", (unsigned)bad);
        abort();
    }
#else
    (void)a;
    (void)top;
#endif
}

#define FE8_REDUCED ((1ULL << 48) + (1ULL << 16))

FE8_INLINE void fe8_check_columns(const fe8_wide *w) {
#ifdef VTS_CHECKED
    __mmask8 bad = 0;
    for (int i = 0; i < 10; i++) {
        bad |= _mm512_cmpge_epu64_mask(w->c[i], fe8_set1(i < 5 ? 1ULL << 61 : 1ULL << 58));
    }
    if (bad) {
        fprintf(stderr, "field8: column bound exceeded, lanes %02x\n", (unsigned)bad);
        abort();
    }
#else
    (void)w;
#endif
}

FE8_INLINE void fe8_set_constant(fe8 *r, const uint64_t limbs[5]) {
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        r->v[i] = fe8_set1(limbs[i]);
    }
}

FE8_INLINE void fe8_set_zero(fe8 *r) {
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        r->v[i] = _mm512_setzero_si512();
    }
}

FE8_INLINE void fe8_set_one(fe8 *r) {
    fe8_set_zero(r);
    r->v[0] = fe8_set1(1);
}

FE8_INLINE void fe8_select(fe8 *r, const fe8 *a, const fe8 *b, __mmask8 mask) {
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        r->v[i] = _mm512_mask_mov_epi64(a->v[i], mask, b->v[i]);
    }
}

/*
 * Limb i of (m + 1) p, written so that no limb of m a, a reduced, exceeds it: each of the lower
 * limbs borrows m 2^52 from the one above. (The top limb (m + 1) 2^48 - m - 1 covers
 * m (2^48 + 2^16 - 1).) A macro, because it must fold to an immediate.
 */
#define FE8_COVER(i, m)                                                                       \
    ((uint64_t)((m) + 1) * FE8_P[i] + ((i) < 4 ? (uint64_t)(m) << 52 : 0) - ((i) > 0 ? (m) : 0))

FE8_INLINE void fe8_wide_zero(fe8_wide *w) {
    VTS_UNROLL
    for (int i = 0; i < 10; i++) {
        w->c[i] = _mm512_setzero_si512();
    }
}

FE8_INLINE void fe8_wide_of(fe8_wide *w, const fe8 *a) {
    fe8_check(a, 0);
    fe8_wide_zero(w);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        w->c[i] = a->v[i];
    }
}

FE8_INLINE void fe8_wide_add(fe8_wide *w, const fe8 *a) {
    fe8_check(a, FE8_REDUCED);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        w->c[i] = _mm512_add_epi64(w->c[i], a->v[i]);
    }
}

FE8_INLINE void fe8_wide_add_loose(fe8_wide *w, const fe8 *a) {
    fe8_check(a, 0);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        w->c[i] = _mm512_add_epi64(w->c[i], a->v[i]);
    }
}

FE8_INLINE void fe8_wide_subtract(fe8_wide *w, const fe8 *a, int m) {
    fe8_check(a, FE8_REDUCED);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        __m512i rest = _mm512_sub_epi64(fe8_set1(FE8_COVER(i, m)), a->v[i]);
        rest = m == 1 ? rest : _mm512_sub_epi64(rest, a->v[i]);
        w->c[i] = _mm512_add_epi64(w->c[i], rest);
    }
}

/* Limb i of (m + 1) p for m terms: the lower limbs borrow 2^60, 2^8 of the one above. */
#define FE8_COVER_TERM(i, m) \
    ((uint64_t)((m) + 1) * FE8_P[i] + ((i) < 4 ? 1ULL << 60 : 0) - ((i) > 0 ? 1ULL << 8 : 0))

FE8_INLINE void fe8_check_term(const fe8 *a) {
#ifdef VTS_CHECKED
    __mmask8 bad = 0;
    for (int i = 0; i < 5; i++) {
        bad |= _mm512_cmpge_epu64_mask(a->v[i], fe8_set1(i < 4 ? 1ULL << 58 : 1ULL << 48));
    }
    if (bad) {
        fprintf(stderr, "field8: term bound exceeded, lanes %02x\n", (unsigned)bad);
        abort();
    }
#else
    (void)a;
#endif
}

FE8_INLINE void fe8_wide_subtract_term(fe8_wide *w, const fe8 *term, int m) {
    fe8_check_term(term);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        __m512i rest = _mm512_sub_epi64(fe8_set1(FE8_COVER_TERM(i, m)), term->v[i]);
        rest = m == 1 ? rest : _mm512_sub_epi64(rest, term->v[i]);
        w->c[i] = _mm512_add_epi64(w->c[i], rest);
    }
}

FE8_INLINE void fe8_wide_negated(fe8_wide *w, const fe8 *a, int m) {
    fe8_wide_zero(w);
    fe8_wide_subtract(w, a, m);
}

/* Column i + j takes the low half of limb product a_i b_j, column i + j + 1 the high half. */
#define FE8_LOW(k, x, y) w->c[k] = _mm512_madd52lo_epu64(w->c[k], x, y)
#define FE8_HIGH(k, x, y) w->c[k] = _mm512_madd52hi_epu64(w->c[k], x, y)

FE8_INLINE void fe8_wide_add_product_raw(fe8_wide *w, const fe8 *a, const fe8 *b) {
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        VTS_UNROLL
        for (int j = 0; j < 5; j++) {
            FE8_LOW(i + j, a->v[i], b->v[j]);
        }
        VTS_UNROLL
        for (int j = 0; j < 5; j++) {
            FE8_HIGH(i + j + 1, a->v[i], b->v[j]);
        }
    }
}

FE8_INLINE void fe8_wide_add_product(fe8_wide *w, const fe8 *a, const fe8 *b) {
    fe8_check(a, 0);
    fe8_check(b, 0);
    fe8_wide_add_product_raw(w, a, b);
}

/* Products of different limbs first; their columns 1..8 are doubled; then the five squares. */
FE8_INLINE void fe8_wide_square(fe8_wide *w, const fe8 *a) {
    fe8_check(a, 0);
    fe8_wide_zero(w);
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        VTS_UNROLL
        for (int j = i + 1; j < 5; j++) {
            FE8_LOW(i + j, a->v[i], a->v[j]);
        }
        VTS_UNROLL
        for (int j = i + 1; j < 5; j++) {
            FE8_HIGH(i + j + 1, a->v[i], a->v[j]);
        }
    }
    VTS_UNROLL
    for (int k = 1; k < 9; k++) {
        w->c[k] = _mm512_add_epi64(w->c[k], w->c[k]);
    }
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        FE8_LOW(2 * i, a->v[i], a->v[i]);
        FE8_HIGH(2 * i + 1, a->v[i], a->v[i]);
    }
}

/* One pass of carries over limbs 0..3 into limb 4. */
FE8_INLINE void fe8_carry(fe8 *r, const __m512i c[5]) {
    const __m512i limb = fe8_set1(FE8_LIMB);
    __m512i t = c[0];
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        r->v[i] = _mm512_and_si512(t, limb);
        t = _mm512_add_epi64(c[i + 1], _mm512_srli_epi64(t, 52));
    }
    r->v[4] = t;
}

/* The same for a factor: its limbs keep what they have above bit 51, which products ignore. */
FE8_INLINE void fe8_carry_factor(fe8 *r, const __m512i c[5]) {
#ifdef VTS_CHECKED
    fe8_carry(r, c);
#else
    r->v[0] = c[0];
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        r->v[i + 1] = _mm512_add_epi64(c[i + 1], _mm512_srli_epi64(r->v[i], 52));
    }
#endif
}

/*
 * Columns 5..9 weigh 2^260 and more: with carries pushed up each is below 2^52 where the
 * multiply-add looks (so no masks), and 2^260 = 16 C mod p brings it down. What then stands above
 * 2^256 in column 4 is taken off *before* the last carry pass and comes back as a multiple of
 * C < 2^33 at column 0, so that a single pass ends it: the carry that the pass itself brings into
 * the top limb is below 2^16.
 *   Columns after the high half came down: < 2^61 + 10 2^52 < 2^62; scaled: < 2^63.
 *   above < 2^15 + 4 2^41 < 2^44, above C < 2^77: its low half < 2^52, its high half < 2^25.
 */
FE8_INLINE void fe8_bring_down(__m512i c[5], const fe8_wide *w, int scale) {
    const __m512i fold = fe8_set1(FE8_16C), small = fe8_set1(FE8_C);
    __m512i h[5], over = _mm512_setzero_si512();
    fe8_check_columns(w);
    h[0] = w->c[5];
    VTS_UNROLL
    for (int i = 1; i < 5; i++) {
        h[i] = _mm512_add_epi64(w->c[5 + i], _mm512_srli_epi64(h[i - 1], 52));
    }
#ifdef VTS_CHECKED
    if (_mm512_cmpgt_epu64_mask(h[4], fe8_set1(FE8_LIMB))) {
        fprintf(stderr, "field8: product sum exceeds 2^520\n");
        abort();
    }
#endif
    /* high halves first: the last carry to arrive, h[4], then is one step from c[4] */
    c[0] = w->c[0];
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        c[i + 1] = _mm512_madd52hi_epu64(w->c[i + 1], h[i], fold);
    }
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        c[i] = _mm512_madd52lo_epu64(c[i], h[i], fold);
    }
    over = _mm512_madd52hi_epu64(over, h[4], fold);
    if (scale == 2 || scale == 3) {
        VTS_UNROLL
        for (int i = 0; i < 5; i++) {
            __m512i twice = _mm512_add_epi64(c[i], c[i]);
            c[i] = scale == 2 ? twice : _mm512_add_epi64(twice, c[i]);
        }
        __m512i twice = _mm512_add_epi64(over, over);
        over = scale == 2 ? twice : _mm512_add_epi64(twice, over);
    } else if (scale == 4) {
        VTS_UNROLL
        for (int i = 0; i < 5; i++) {
            c[i] = _mm512_slli_epi64(c[i], 2);
        }
        over = _mm512_slli_epi64(over, 2);
    }
    __m512i above = _mm512_add_epi64(_mm512_srli_epi64(c[4], 48), _mm512_slli_epi64(over, 4));
    c[4] = _mm512_and_si512(c[4], fe8_set1(FE8_TOP));
    c[0] = _mm512_madd52lo_epu64(c[0], above, small);
    c[1] = _mm512_madd52hi_epu64(c[1], above, small);
}

FE8_INLINE void fe8_fold(fe8 *r, const fe8_wide *w, int scale) {
    __m512i c[5];
    fe8_bring_down(c, w, scale);
    fe8_carry(r, c);
    fe8_check(r, FE8_REDUCED);
}

FE8_INLINE void fe8_fold_factor(fe8 *r, const fe8_wide *w, int scale) {
    __m512i c[5];
    fe8_bring_down(c, w, scale);
    fe8_carry_factor(r, c);
}

FE8_INLINE void fe8_settle(fe8 *r, const fe8 *a) {
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        r->v[i] = i < 4 ? _mm512_and_si512(a->v[i], fe8_set1(FE8_LIMB)) : a->v[i];
    }
    fe8_check(r, 0);
}

FE8_INLINE void fe8_fold_term(fe8 *r, const fe8_wide *w) {
    fe8_bring_down(r->v, w, 1);
    fe8_check_term(r);
}

/*
 * Columns below 2^61 are negated against 2 p, whose limbs 0..3 each borrow 2^61 (2^9 of the next).
 * The top: 2^49 - 2 - 2^9 covers a top column below 2^48.
 */
FE8_INLINE void fe8_bring_down_signed(__m512i c[5], const fe8_wide *w, __mmask8 negative) {
    fe8_bring_down(c, w, 1);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        uint64_t cover = 2 * FE8_P[i] + (i < 4 ? 1ULL << 61 : 0) - (i > 0 ? 1ULL << 9 : 0);
        c[i] = _mm512_mask_sub_epi64(c[i], negative, fe8_set1(cover), c[i]);
    }
}

FE8_INLINE void fe8_fold_signed(fe8 *r, const fe8_wide *w, __mmask8 negative) {
    __m512i c[5];
    fe8_bring_down_signed(c, w, negative);
    fe8_carry(r, c);
    fe8_check(r, 1ULL << 50);
}

FE8_INLINE void fe8_fold_signed_factor(fe8 *r, const fe8_wide *w, __mmask8 negative) {
    __m512i c[5];
    fe8_bring_down_signed(c, w, negative);
    fe8_carry_factor(r, c);
}

FE8_INLINE void fe8_mul(fe8 *r, const fe8 *a, const fe8 *b) {
    fe8_wide w;
    fe8_wide_zero(&w);
    fe8_wide_add_product(&w, a, b);
    fe8_fold(r, &w, 1);
}

FE8_INLINE void fe8_mul_factor(fe8 *r, const fe8 *a, const fe8 *b) {
    fe8_wide w;
    fe8_wide_zero(&w);
    fe8_wide_add_product(&w, a, b);
    fe8_fold_factor(r, &w, 1);
}

FE8_INLINE void fe8_mul_term(fe8 *r, const fe8 *a, const fe8 *b) {
    fe8_wide w;
    fe8_wide_zero(&w);
    fe8_wide_add_product(&w, a, b);
    fe8_fold_term(r, &w);
}

FE8_INLINE void fe8_sqr_factor(fe8 *r, const fe8 *a) {
    fe8_wide w;
    fe8_wide_square(&w, a);
    fe8_fold_factor(r, &w, 1);
}

FE8_INLINE void fe8_sqr(fe8 *r, const fe8 *a) {
    fe8_wide w;
    fe8_wide_square(&w, a);
    fe8_fold(r, &w, 1);
}

FE8_INLINE void fe8_sqr_times(fe8 *r, const fe8 *a, int count) {
    fe8 t = *a;
    for (int i = 0; i < count; i++) {
        fe8_sqr_factor(&t, &t);
    }
    *r = t;
}

FE8_INLINE void fe8_add(fe8 *r, const fe8 *a, const fe8 *b) {
    __m512i c[5];
    fe8_check(a, FE8_REDUCED);
    fe8_check(b, FE8_REDUCED);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        c[i] = _mm512_add_epi64(a->v[i], b->v[i]);
    }
    fe8_carry(r, c);
    fe8_check(r, 1ULL << 50);
}

/* a + 2 p - b, times 1 or 2. */
FE8_INLINE void fe8_difference(fe8 *r, const fe8 *a, const fe8 *b, int scale) {
    __m512i c[5];
    fe8_check(a, FE8_REDUCED);
    fe8_check(b, FE8_REDUCED);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        __m512i cover = _mm512_sub_epi64(fe8_set1(FE8_COVER(i, 1)), b->v[i]);
        c[i] = _mm512_add_epi64(a->v[i], cover);
        if (scale == 2) {
            c[i] = _mm512_add_epi64(c[i], c[i]);
        }
    }
    fe8_carry(r, c);
    fe8_check(r, 1ULL << (49 + scale));
}

FE8_INLINE void fe8_sub(fe8 *r, const fe8 *a, const fe8 *b) {
    fe8_difference(r, a, b, 1);
}

FE8_INLINE void fe8_sub_double(fe8 *r, const fe8 *a, const fe8 *b) {
    fe8_difference(r, a, b, 2);
}

FE8_INLINE void fe8_negate(fe8 *r, const fe8 *a) {
    __m512i c[5];
    fe8_check(a, FE8_REDUCED);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        c[i] = _mm512_sub_epi64(fe8_set1(FE8_COVER(i, 1)), a->v[i]);
    }
    fe8_carry(r, c);
    fe8_check(r, 1ULL << 49);
}

FE8_INLINE void fe8_sub_term(fe8 *r, const fe8 *a, const fe8 *term, int scale) {
    __m512i c[5];
    fe8_check(a, FE8_REDUCED);
    fe8_check_term(term);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        c[i] = _mm512_sub_epi64(fe8_set1(FE8_COVER_TERM(i, 1)), term->v[i]);
        c[i] = _mm512_add_epi64(a->v[i], c[i]);
        if (scale == 2) {
            c[i] = _mm512_add_epi64(c[i], c[i]);
        }
    }
    fe8_carry_factor(r, c);
}

/* above < 16, so above C < 2^37 is exact in the low half. */
FE8_INLINE void fe8_normalize_weak(fe8 *r, const fe8 *a) {
    __m512i c[5];
    fe8_check(a, 0);
    __m512i above = _mm512_srli_epi64(a->v[4], 48);
    c[0] = _mm512_madd52lo_epu64(a->v[0], above, fe8_set1(FE8_C));
    c[1] = a->v[1];
    c[2] = a->v[2];
    c[3] = a->v[3];
    c[4] = _mm512_and_si512(a->v[4], fe8_set1(FE8_TOP));
    fe8_carry(r, c);
    fe8_check(r, FE8_REDUCED);
}

/* x < 2 p after the weak step; x >= p exactly when x + C reaches 2^256, and then that is x - p. */
FE8_INLINE void fe8_normalize(fe8 *r, const fe8 *a) {
    fe8 weak, more;
    __m512i c[5];
    fe8_normalize_weak(&weak, a);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        c[i] = weak.v[i];
    }
    c[0] = _mm512_add_epi64(c[0], fe8_set1(FE8_C));
    fe8_carry(&more, c);
    __mmask8 over = _mm512_cmpgt_epu64_mask(more.v[4], fe8_set1(FE8_TOP));
    more.v[4] = _mm512_and_si512(more.v[4], fe8_set1(FE8_TOP));
    fe8_select(r, &weak, &more, over);
    fe8_check(r, 1ULL << 48);
}

FE8_INLINE __mmask8 fe8_is_zero(const fe8 *a) {
    fe8 t;
    fe8_normalize(&t, a);
    __m512i any = _mm512_or_si512(t.v[0], t.v[1]);
    any = _mm512_or_si512(any, _mm512_or_si512(t.v[2], t.v[3]));
    any = _mm512_or_si512(any, t.v[4]);
    return _mm512_testn_epi64_mask(any, any);
}

FE8_INLINE __mmask8 fe8_equal(const fe8 *a, const fe8 *b) {
    fe8 t;
    fe8_sub(&t, a, b);
    return fe8_is_zero(&t);
}

FE8_INLINE __mmask8 fe8_is_odd(const fe8 *a) {
    fe8_check(a, 1ULL << 48);
    return _mm512_test_epi64_mask(a->v[0], fe8_set1(1));
}

/*
 * Exponents made of runs of ones: x_n = a^(2^n - 1), x_(m+n) = (x_m)^(2^n) x_n.
 * (p + 1) / 4 and p - 2 both begin with 223 ones, a zero and 22 ones.
 */
typedef struct {
    fe8 one, two, twenty_two, all;
} fe8_runs;

#define FE8_STEP(r, from, count, by) (fe8_sqr_times(r, from, count), fe8_mul(r, r, by))

FE8_INLINE void fe8_power_runs(fe8_runs *x, const fe8 *a) {
    fe8 x3, x6, x11, x44, x88, t;
    x->one = *a;
    FE8_STEP(&x->two, a, 1, a);
    FE8_STEP(&x3, &x->two, 1, a);
    FE8_STEP(&x6, &x3, 3, &x3);
    FE8_STEP(&t, &x6, 3, &x3);
    FE8_STEP(&x11, &t, 2, &x->two);
    FE8_STEP(&x->twenty_two, &x11, 11, &x11);
    FE8_STEP(&x44, &x->twenty_two, 22, &x->twenty_two);
    FE8_STEP(&x88, &x44, 44, &x44);
    FE8_STEP(&t, &x88, 88, &x88);
    FE8_STEP(&t, &t, 44, &x44);
    FE8_STEP(&t, &t, 3, &x3);
    FE8_STEP(&x->all, &t, 23, &x->twenty_two);
}

FE8_INLINE void fe8_inverse(fe8 *r, const fe8 *a) {
    fe8_runs x;
    fe8_power_runs(&x, a);
    FE8_STEP(&x.all, &x.all, 5, &x.one);
    FE8_STEP(&x.all, &x.all, 3, &x.two);
    FE8_STEP(r, &x.all, 2, &x.one);
}

FE8_INLINE void fe8_sqrt_candidate(fe8 *r, const fe8 *a) {
    fe8_runs x;
    fe8_power_runs(&x, a);
    FE8_STEP(&x.all, &x.all, 6, &x.two);
    fe8_sqr_factor(r, &x.all);
    fe8_sqr(r, r);
}

FE8_INLINE void fe8_step_pair(fe8 r[2], const fe8 from[2], int count, const fe8 by[2]) {
    fe8 s = from[0], t = from[1];
    for (int i = 0; i < count; i++) {
        fe8_sqr_factor(&s, &s);
        fe8_sqr_factor(&t, &t);
    }
    fe8_mul(&r[0], &s, &by[0]);
    fe8_mul(&r[1], &t, &by[1]);
}

static __attribute__((noinline, unused)) void fe8_step_pair_call(fe8 r[2], const fe8 from[2],
                                                                 int count, const fe8 by[2]) {
    fe8_step_pair(r, from, count, by);
}

FE8_INLINE void fe8_sqrt_candidate_pair(fe8 r[2], const fe8 a[2]) {
    fe8 x2[2], x3[2], x6[2], x11[2], x22[2], x44[2], x88[2], t[2];
    fe8_step_pair_call(x2, a, 1, a);
    fe8_step_pair_call(x3, x2, 1, a);
    fe8_step_pair_call(x6, x3, 3, x3);
    fe8_step_pair_call(t, x6, 3, x3);
    fe8_step_pair_call(x11, t, 2, x2);
    fe8_step_pair_call(x22, x11, 11, x11);
    fe8_step_pair_call(x44, x22, 22, x22);
    fe8_step_pair_call(x88, x44, 44, x44);
    fe8_step_pair_call(t, x88, 88, x88);
    fe8_step_pair_call(t, t, 44, x44);
    fe8_step_pair_call(t, t, 3, x3);
    fe8_step_pair_call(t, t, 23, x22);
    fe8_step_pair_call(t, t, 6, x2);
    for (int i = 0; i < 2; i++) {
        fe8_sqr_factor(&r[i], &t[i]);
        fe8_sqr(&r[i], &r[i]);
    }
}

FE8_INLINE void fe8_inverse_batch(fe8 *a, fe8 *scratch, size_t count) {
    fe8 product, inverse;
    if (count == 0) {
        return;
    }
    product = a[0];
    for (size_t i = 1; i < count; i++) {
        scratch[i] = product;
        fe8_mul(&product, &product, &a[i]);
    }
    fe8_inverse(&inverse, &product);
    for (size_t i = count - 1; i > 0; i--) {
        fe8 t = a[i];
        fe8_mul(&a[i], &inverse, &scratch[i]);
        fe8_mul(&inverse, &inverse, &t);
    }
    a[0] = inverse;
}

FE8_INLINE void fe8_pack(__m512i w[4], const fe8 *a) {
    fe8_check(a, 1ULL << 48);
    w[0] = _mm512_or_si512(a->v[0], _mm512_slli_epi64(a->v[1], 52));
    w[1] = _mm512_or_si512(_mm512_srli_epi64(a->v[1], 12), _mm512_slli_epi64(a->v[2], 40));
    w[2] = _mm512_or_si512(_mm512_srli_epi64(a->v[2], 24), _mm512_slli_epi64(a->v[3], 28));
    w[3] = _mm512_or_si512(_mm512_srli_epi64(a->v[3], 36), _mm512_slli_epi64(a->v[4], 16));
}

/* Concatenate-and-shift is AVX512_VBMI2; every server CPU with IFMA has it, cpu.c asks for it. */
FE8_INLINE void fe8_unpack_raw(fe8 *r, const __m512i w[4]) {
    r->v[0] = w[0];
    r->v[1] = _mm512_shrdi_epi64(w[0], w[1], 52);
    r->v[2] = _mm512_shrdi_epi64(w[1], w[2], 40);
    r->v[3] = _mm512_shrdi_epi64(w[2], w[3], 28);
    r->v[4] = _mm512_srli_epi64(w[3], 16);
}

FE8_INLINE void fe8_unpack(fe8 *r, const __m512i w[4]) {
    fe8_unpack_raw(r, w);
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        r->v[i] = _mm512_and_si512(r->v[i], fe8_set1(FE8_LIMB));
    }
}

#endif
