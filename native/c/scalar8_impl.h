/* Implementation of scalar8.h. */
#ifndef VTS_SCALAR8_IMPL_H
#define VTS_SCALAR8_IMPL_H

#ifdef VTS_CHECKED
#include <stdio.h>
#include <stdlib.h>
#endif

/* Full unrolling of loops with a small constant count: the limbs must live in registers. */
#ifndef VTS_UNROLL
#if defined(__clang__)
#define VTS_UNROLL _Pragma("clang loop unroll(full)")
#else
#define VTS_UNROLL _Pragma("GCC unroll 16")
#endif
#endif

#define SCALAR8_LIMB_BITS 52
#define SCALAR8_LIMB ((1ULL << SCALAR8_LIMB_BITS) - 1)
#define SCALAR8_TOP ((1ULL << 48) - 1)

/* n, c = 2^256 - n, 16 c = 2^260 - 16 n, and d = 2^256 - 1 - (n - 1) / 2 in limbs. */
static const uint64_t SCALAR8_N[5] = {0x25e8cd0364141, 0xe6af48a03bbfd, 0xffffffebaaedc,
                                      0xfffffffffffff, 0xffffffffffff};
static const uint64_t SCALAR8_C[5] = {0xda1732fc9bebf, 0x1950b75fc4402, 0x1455123, 0, 0};
static const uint64_t SCALAR8_16C[3] = {0xa1732fc9bebf0, 0x950b75fc4402d, 0x14551231};
static const uint64_t SCALAR8_D[5] = {0x6d0b997e4df5f, 0x8ca85bafe2201, 0xa2a891, 0,
                                      0x800000000000};

static inline __m512i scalar8_set1(uint64_t x) {
    return _mm512_set1_epi64((long long)x);
}

#ifdef VTS_CHECKED
static inline __mmask8 scalar8_carry_out(const __m512i number[5], const uint64_t addend[5],
                                         __m512i sum[5]);

static inline void scalar8_check(const scalar8 *a) {
    __m512i sum[5];
    __mmask8 bad = scalar8_carry_out(a->v, SCALAR8_C, sum);
    for (int i = 0; i < 5; i++) {
        bad |= _mm512_cmpgt_epu64_mask(a->v[i], scalar8_set1(i < 4 ? SCALAR8_LIMB : SCALAR8_TOP));
    }
    if (bad) {
        fprintf(stderr, "scalar8: not canonical, lanes %02x\n", (unsigned)bad);
        abort();
    }
}
#else
static inline void scalar8_check(const scalar8 *a) {
    (void)a;
}
#endif

/*
 * sum = (number + addend) mod 2^256 in limbs; returns the lanes with a carry out of bit 255.
 * number, addend < 2^256 in limbs.
 */
static inline __mmask8 scalar8_carry_out(const __m512i number[5], const uint64_t addend[5],
                                         __m512i sum[5]) {
    const __m512i limb = scalar8_set1(SCALAR8_LIMB);
    __m512i carry = _mm512_setzero_si512();
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        __m512i t = _mm512_add_epi64(_mm512_add_epi64(number[i], scalar8_set1(addend[i])), carry);
        sum[i] = _mm512_and_si512(t, limb);
        carry = _mm512_srli_epi64(t, SCALAR8_LIMB_BITS);
    }
    __m512i top = _mm512_add_epi64(_mm512_add_epi64(number[4], scalar8_set1(addend[4])), carry);
    sum[4] = _mm512_and_si512(top, scalar8_set1(SCALAR8_TOP));
    return _mm512_test_epi64_mask(top, scalar8_set1(1ULL << 48));
}

static inline void scalar8_set_zero(scalar8 *r) {
    for (int i = 0; i < 5; i++) {
        r->v[i] = _mm512_setzero_si512();
    }
}

static inline void scalar8_set_one(scalar8 *r) {
    scalar8_set_zero(r);
    r->v[0] = scalar8_set1(1);
}

/* number >= n exactly when number + c carries out of 256 bits; the low 256 bits are number - n. */
static inline __mmask8 scalar8_reduce_once(scalar8 *r, const __m512i number[5]) {
    __m512i reduced[5];
    __mmask8 over = scalar8_carry_out(number, SCALAR8_C, reduced);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        r->v[i] = _mm512_mask_mov_epi64(number[i], over, reduced[i]);
    }
    scalar8_check(r);
    return over;
}

/* Byte order within each 64-bit word turned round. */
static inline __m512i scalar8_swap_bytes(__m512i x) {
    const __m512i order = _mm512_set4_epi64(0x08090a0b0c0d0e0f, 0x0001020304050607,
                                            0x08090a0b0c0d0e0f, 0x0001020304050607);
    return _mm512_shuffle_epi8(x, order);
}

/*
 * Rows of four words (row i of lane i in the low half of row[i], of lane i + 4 in the high half) to
 * columns of eight and back.
 */
static inline void scalar8_rows_to_words(__m512i word[4], const __m512i row[4]) {
    const __m512i even = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i odd = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    __m512i a = _mm512_unpacklo_epi64(row[0], row[1]), b = _mm512_unpackhi_epi64(row[0], row[1]);
    __m512i c = _mm512_unpacklo_epi64(row[2], row[3]), d = _mm512_unpackhi_epi64(row[2], row[3]);
    word[0] = _mm512_permutex2var_epi64(a, even, c);
    word[1] = _mm512_permutex2var_epi64(b, even, d);
    word[2] = _mm512_permutex2var_epi64(a, odd, c);
    word[3] = _mm512_permutex2var_epi64(b, odd, d);
}

/*
 * Reads `lanes` 32-byte big-endian numbers as they stand, without a range check, into limbs
 * (v[0..3] < 2^52, v[4] < 2^48). The lanes above are zero.
 */
static inline void scalar8_load_raw(__m512i number[5], const uint8_t *bytes, size_t stride,
                                    unsigned lanes) {
    __m256i half[8];
    __m512i row[4], word[4];
    for (unsigned i = 0; i < 8; i++) {
        const void *at = bytes + i * stride;
        half[i] = i < lanes ? _mm256_loadu_si256((const __m256i *)at) : _mm256_setzero_si256();
    }
    for (int i = 0; i < 4; i++) {
        __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(half[i]), half[i + 4], 1);
        row[i] = scalar8_swap_bytes(both);
    }
    scalar8_rows_to_words(word, row); /* word[0] is the most significant */
    const __m512i limb = scalar8_set1(SCALAR8_LIMB);
    number[0] = _mm512_and_si512(word[3], limb);
    number[1] = _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(word[3], 52),
                                                 _mm512_slli_epi64(word[2], 12)), limb);
    number[2] = _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(word[2], 40),
                                                 _mm512_slli_epi64(word[1], 24)), limb);
    number[3] = _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(word[1], 28),
                                                 _mm512_slli_epi64(word[0], 36)), limb);
    number[4] = _mm512_srli_epi64(word[0], 16);
}

/* Writes 256-bit numbers in limbs (v[0..3] < 2^52, v[4] < 2^48) as 32-byte big-endian numbers. */
static inline void scalar8_store_raw(uint8_t *bytes, size_t stride, unsigned lanes,
                                     const __m512i number[5]) {
    const __m512i first = _mm512_setr_epi64(0, 8, 2, 10, 4, 12, 6, 14);
    const __m512i second = _mm512_setr_epi64(1, 9, 3, 11, 5, 13, 7, 15);
    __m512i word[4];
    word[3] = _mm512_or_si512(number[0], _mm512_slli_epi64(number[1], 52));
    word[2] = _mm512_or_si512(_mm512_srli_epi64(number[1], 12), _mm512_slli_epi64(number[2], 40));
    word[1] = _mm512_or_si512(_mm512_srli_epi64(number[2], 24), _mm512_slli_epi64(number[3], 28));
    word[0] = _mm512_or_si512(_mm512_srli_epi64(number[3], 36), _mm512_slli_epi64(number[4], 16));
    __m512i a = _mm512_permutex2var_epi64(word[0], first, word[1]);
    __m512i b = _mm512_permutex2var_epi64(word[0], second, word[1]);
    __m512i c = _mm512_permutex2var_epi64(word[2], first, word[3]);
    __m512i d = _mm512_permutex2var_epi64(word[2], second, word[3]);
    /* a, c: 128-bit pieces for lanes 0 2 4 6; b, d: for lanes 1 3 5 7 */
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i high = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    __m512i pair[4]; /* lanes (0, 2), (1, 3), (4, 6), (5, 7) */
    pair[0] = scalar8_swap_bytes(_mm512_permutex2var_epi64(a, low, c));
    pair[1] = scalar8_swap_bytes(_mm512_permutex2var_epi64(b, low, d));
    pair[2] = scalar8_swap_bytes(_mm512_permutex2var_epi64(a, high, c));
    pair[3] = scalar8_swap_bytes(_mm512_permutex2var_epi64(b, high, d));
    for (unsigned i = 0; i < lanes; i++) {
        __m512i p = pair[(i & 1) | (i >> 2) << 1];
        __m256i out = (i & 2) ? _mm512_extracti64x4_epi64(p, 1) : _mm512_castsi512_si256(p);
        _mm256_storeu_si256((__m256i *)(void *)(bytes + i * stride), out);
    }
}

static inline __mmask8 scalar8_load(scalar8 *r, const uint8_t *bytes, size_t stride,
                                    unsigned lanes) {
    __m512i number[5];
    scalar8_load_raw(number, bytes, stride, lanes);
    return scalar8_reduce_once(r, number);
}

static inline void scalar8_store(uint8_t *bytes, size_t stride, unsigned lanes, const scalar8 *a) {
    scalar8_check(a);
    scalar8_store_raw(bytes, stride, lanes, a->v);
}

static inline __mmask8 scalar8_is_zero(const scalar8 *a) {
    __m512i any = _mm512_or_si512(_mm512_or_si512(_mm512_or_si512(a->v[0], a->v[1]),
                                                  _mm512_or_si512(a->v[2], a->v[3])), a->v[4]);
    return _mm512_testn_epi64_mask(any, any);
}

static inline __mmask8 scalar8_equal(const scalar8 *a, const scalar8 *b) {
    __m512i differ = _mm512_setzero_si512();
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        differ = _mm512_or_si512(differ, _mm512_xor_si512(a->v[i], b->v[i]));
    }
    return _mm512_testn_epi64_mask(differ, differ);
}

/* a > (n - 1) / 2 exactly when a + 2^256 - 1 - (n - 1) / 2 carries out of 256 bits. */
static inline __mmask8 scalar8_is_high(const scalar8 *a) {
    __m512i sum[5];
    scalar8_check(a);
    return scalar8_carry_out(a->v, SCALAR8_D, sum);
}

static inline void scalar8_select(scalar8 *r, const scalar8 *a, const scalar8 *b, __mmask8 lanes) {
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        r->v[i] = _mm512_mask_mov_epi64(a->v[i], lanes, b->v[i]);
    }
}

/*
 * Last step of every reduction: columns t[0..3] < 2^52, t[4] < 2^58. The bits from 256 on come back
 * at the bottom, 2^256 = c. r: canonical.
 */
static inline void scalar8_fold_top(scalar8 *r, __m512i t[5]) {
    const __m512i limb = scalar8_set1(SCALAR8_LIMB), zero = _mm512_setzero_si512();
    __m512i q = _mm512_srli_epi64(t[4], 48);
    t[4] = _mm512_and_si512(t[4], scalar8_set1(SCALAR8_TOP));
    VTS_UNROLL
    for (int i = 0; i < 3; i++) {
        t[i] = _mm512_madd52lo_epu64(t[i], q, scalar8_set1(SCALAR8_C[i]));
        t[i + 1] = _mm512_add_epi64(t[i + 1],
                                    _mm512_madd52hi_epu64(zero, q, scalar8_set1(SCALAR8_C[i])));
    }
    /*
     * t < 2^256 + 2^10 c < 2 n: one conditional subtraction is enough, but the carry may reach bit
     * 256 by itself.
     */
    __m512i sum[5];
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64(t[i], SCALAR8_LIMB_BITS));
        t[i] = _mm512_and_si512(t[i], limb);
    }
    __mmask8 over = _mm512_test_epi64_mask(t[4], scalar8_set1(1ULL << 48));
    t[4] = _mm512_and_si512(t[4], scalar8_set1(SCALAR8_TOP));
    over |= scalar8_carry_out(t, SCALAR8_C, sum);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        r->v[i] = _mm512_mask_mov_epi64(t[i], over, sum[i]);
    }
    scalar8_check(r);
}

static inline void scalar8_add(scalar8 *r, const scalar8 *a, const scalar8 *b) {
    __m512i t[5];
    scalar8_check(a);
    scalar8_check(b);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        t[i] = _mm512_add_epi64(a->v[i], b->v[i]);
    }
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64(t[i], SCALAR8_LIMB_BITS));
        t[i] = _mm512_and_si512(t[i], scalar8_set1(SCALAR8_LIMB));
    }
    /* a + b < 2 n: the carry out of bit 255, or one of a + b + c, says whether n has to go. */
    __m512i sum[5];
    __mmask8 over = _mm512_test_epi64_mask(t[4], scalar8_set1(1ULL << 48));
    t[4] = _mm512_and_si512(t[4], scalar8_set1(SCALAR8_TOP));
    over |= scalar8_carry_out(t, SCALAR8_C, sum);
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        r->v[i] = _mm512_mask_mov_epi64(t[i], over, sum[i]);
    }
    scalar8_check(r);
}

static inline void scalar8_negate_lanes(scalar8 *r, const scalar8 *a, __mmask8 lanes) {
    scalar8_check(a);
    __mmask8 negate = lanes & (__mmask8)~scalar8_is_zero(a);
    __m512i borrow = _mm512_setzero_si512();
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        __m512i t = _mm512_add_epi64(_mm512_sub_epi64(scalar8_set1(SCALAR8_N[i]), a->v[i]), borrow);
        borrow = _mm512_srai_epi64(t, SCALAR8_LIMB_BITS); /* 0 or -1 */
        r->v[i] = _mm512_mask_mov_epi64(a->v[i], negate,
                                        _mm512_and_si512(t, scalar8_set1(SCALAR8_LIMB)));
    }
    scalar8_check(r);
}

/*
 * Reduction of a product of two canonical scalars, below 2^512, in ten columns of weight 2^(52 i),
 * each below 2^57. Two folds at 2^260 = 16 c (133 bits) take 512 bits to 386 and to 261, then
 * scalar8_fold_top finishes.
 */
static inline void scalar8_reduce_wide(scalar8 *r, __m512i t[10]) {
    const __m512i limb = scalar8_set1(SCALAR8_LIMB), zero = _mm512_setzero_si512();
    __m512i lo[8], hi[8], fold[3];
    for (int i = 0; i < 3; i++) {
        fold[i] = scalar8_set1(SCALAR8_16C[i]);
    }
    /*
     * The multiplier reads 52 bits of each operand: carries through the high columns; t[9] < 2^44
     * since the product < 2^512.
     */
    VTS_UNROLL
    for (int i = 5; i < 9; i++) {
        t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64(t[i], SCALAR8_LIMB_BITS));
        t[i] = _mm512_and_si512(t[i], limb);
    }
    VTS_UNROLL
    for (int i = 0; i < 8; i++) {
        lo[i] = i < 5 ? t[i] : zero;
        hi[i] = zero;
    }
    VTS_UNROLL
    for (int j = 0; j < 3; j++) {
        VTS_UNROLL
        for (int i = 0; i < 5; i++) {
            lo[i + j] = _mm512_madd52lo_epu64(lo[i + j], t[i + 5], fold[j]);
            hi[i + j + 1] = _mm512_madd52hi_epu64(hi[i + j + 1], t[i + 5], fold[j]);
        }
    }
    VTS_UNROLL
    for (int i = 0; i < 8; i++) {
        lo[i] = _mm512_add_epi64(lo[i], hi[i]);
    }
    VTS_UNROLL
    for (int i = 0; i < 7; i++) {
        lo[i + 1] = _mm512_add_epi64(lo[i + 1], _mm512_srli_epi64(lo[i], SCALAR8_LIMB_BITS));
        lo[i] = _mm512_and_si512(lo[i], limb);
    }
    /*
     * lo < 2^386, so lo[7] < 2^22; its product with the 29-bit top limb of 16 c has no high part.
     */
    __m512i u[5] = {lo[0], lo[1], lo[2], lo[3], lo[4]};
    hi[1] = hi[2] = hi[3] = hi[4] = zero;
    VTS_UNROLL
    for (int j = 0; j < 3; j++) {
        VTS_UNROLL
        for (int i = 0; i < 3; i++) {
            u[i + j] = _mm512_madd52lo_epu64(u[i + j], lo[i + 5], fold[j]);
            if (i + j < 4) {
                hi[i + j + 1] = _mm512_madd52hi_epu64(hi[i + j + 1], lo[i + 5], fold[j]);
            }
        }
    }
    VTS_UNROLL
    for (int i = 1; i < 5; i++) {
        u[i] = _mm512_add_epi64(u[i], hi[i]);
    }
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        u[i + 1] = _mm512_add_epi64(u[i + 1], _mm512_srli_epi64(u[i], SCALAR8_LIMB_BITS));
        u[i] = _mm512_and_si512(u[i], limb);
    }
    scalar8_fold_top(r, u);
}

static inline void scalar8_mul(scalar8 *r, const scalar8 *a, const scalar8 *b) {
    __m512i lo[10], hi[10];
    scalar8_check(a);
    scalar8_check(b);
    VTS_UNROLL
    for (int i = 0; i < 10; i++) {
        lo[i] = hi[i] = _mm512_setzero_si512();
    }
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        VTS_UNROLL
        for (int j = 0; j < 5; j++) {
            lo[i + j] = _mm512_madd52lo_epu64(lo[i + j], a->v[i], b->v[j]);
            hi[i + j + 1] = _mm512_madd52hi_epu64(hi[i + j + 1], a->v[i], b->v[j]);
        }
    }
    /* A column sums at most five low and five high parts: < 10 2^52 < 2^56. */
    VTS_UNROLL
    for (int i = 0; i < 10; i++) {
        lo[i] = _mm512_add_epi64(lo[i], hi[i]);
    }
    scalar8_reduce_wide(r, lo);
}

static inline void scalar8_sqr(scalar8 *r, const scalar8 *a) {
    __m512i lo[10], hi[10];
    scalar8_check(a);
    VTS_UNROLL
    for (int i = 0; i < 10; i++) {
        lo[i] = hi[i] = _mm512_setzero_si512();
    }
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        VTS_UNROLL
        for (int j = i + 1; j < 5; j++) {
            lo[i + j] = _mm512_madd52lo_epu64(lo[i + j], a->v[i], a->v[j]);
            hi[i + j + 1] = _mm512_madd52hi_epu64(hi[i + j + 1], a->v[i], a->v[j]);
        }
    }
    VTS_UNROLL
    for (int i = 0; i < 10; i++) {
        lo[i] = _mm512_add_epi64(lo[i], hi[i]);
        lo[i] = _mm512_add_epi64(lo[i], lo[i]);
    }
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        lo[2 * i] = _mm512_madd52lo_epu64(lo[2 * i], a->v[i], a->v[i]);
        lo[2 * i + 1] = _mm512_madd52hi_epu64(lo[2 * i + 1], a->v[i], a->v[i]);
    }
    scalar8_reduce_wide(r, lo);
}

/* r = a^(2^squarings) b. r may alias a, not b. */
static inline void scalar8_sqr_mul(scalar8 *r, const scalar8 *a, unsigned squarings,
                                   const scalar8 *b) {
    *r = *a;
    for (unsigned i = 0; i < squarings; i++) {
        scalar8_sqr(r, r);
    }
    scalar8_mul(r, r, b);
}

/*
 * Exponent n - 2 = fffffffffffffffffffffffffffffffe baaedce6af48a03bbfd25e8cd036413f. Its upper
 * half is 127 ones and a zero: a run of ones is doubled (2k ones from k) or lengthened by one,
 * 1 2 3 6 7 14 15 30 31 62 63 126 127. The 128 bits below follow with a sliding window of five bits
 * over the odd powers. The exponent is public, and so are the branches and indices that follow it.
 */
static inline void scalar8_inverse(scalar8 *r, const scalar8 *a) {
    /* bits 0..127; bit 128 is zero */
    static const uint64_t LOW[2] = {0xbfd25e8cd036413fULL, 0xbaaedce6af48a03bULL};
    scalar8 odd[16], square, run;
    odd[0] = *a;
    scalar8_sqr(&square, a);
    for (int i = 1; i < 16; i++) {
        scalar8_mul(&odd[i], &odd[i - 1], &square); /* a^(2i + 1) */
    }
    run = odd[1]; /* a^3: two ones */
    scalar8_sqr_mul(&run, &run, 1, a);
    for (unsigned ones = 3; ones < 127; ones = 2 * ones + 1) {
        scalar8 half = run;
        scalar8_sqr_mul(&run, &run, ones, &half);
        scalar8_sqr_mul(&run, &run, 1, a);
    }
    scalar8_sqr(&run, &run); /* bit 128 */
    for (int top = 127; top >= 0;) {
        if (!((LOW[top >> 6] >> (top & 63)) & 1)) {
            scalar8_sqr(&run, &run);
            top--;
            continue;
        }
        int low = top > 4 ? top - 4 : 0;
        while (!((LOW[low >> 6] >> (low & 63)) & 1)) {
            low++;
        }
        unsigned window = 0;
        for (int i = top; i >= low; i--) {
            window = window << 1 | (unsigned)((LOW[i >> 6] >> (i & 63)) & 1);
        }
        scalar8_sqr_mul(&run, &run, (unsigned)(top - low + 1), &odd[window >> 1]);
        top = low - 1;
    }
    *r = run;
}

/*
 * round(k g / 2^384) < 2^128 in three limbs (the last < 2^24), for k < n and g < 2^256. The
 * product's limb 7 starts at bit 364, so bit 383 is added as its bit 19 to round, and the result
 * starts at its bit 20.
 */
static inline void scalar8_mul_shift_384(__m512i r[3], const scalar8 *k, const uint64_t g[5]) {
    const __m512i limb = scalar8_set1(SCALAR8_LIMB);
    __m512i lo[10], hi[10];
    VTS_UNROLL
    for (int i = 0; i < 10; i++) {
        lo[i] = hi[i] = _mm512_setzero_si512();
    }
    VTS_UNROLL
    for (int i = 0; i < 5; i++) {
        VTS_UNROLL
        for (int j = 0; j < 5; j++) {
            lo[i + j] = _mm512_madd52lo_epu64(lo[i + j], k->v[i], scalar8_set1(g[j]));
            hi[i + j + 1] = _mm512_madd52hi_epu64(hi[i + j + 1], k->v[i], scalar8_set1(g[j]));
        }
    }
    lo[7] = _mm512_add_epi64(lo[7], scalar8_set1(1ULL << 19));
    VTS_UNROLL
    for (int i = 0; i < 9; i++) {
        lo[i + 1] = _mm512_add_epi64(_mm512_add_epi64(lo[i + 1], hi[i + 1]),
                                     _mm512_srli_epi64(lo[i], SCALAR8_LIMB_BITS));
        lo[i] = _mm512_and_si512(lo[i], limb);
    }
    VTS_UNROLL
    for (int i = 0; i < 2; i++) {
        r[i] = _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(lo[i + 7], 20),
                                                _mm512_slli_epi64(lo[i + 8], 32)), limb);
    }
    r[2] = _mm512_srli_epi64(lo[9], 20);
}

/*
 * columns += x y mod 2^156, x in lanes, y constant. Limbs below 2^52; each call adds less than 5
 * 2^52 to a column.
 */
static inline void scalar8_mul_low(__m512i lo[3], __m512i hi[3], const __m512i x[3],
                                   const uint64_t y[3]) {
    VTS_UNROLL
    for (int i = 0; i < 3; i++) {
        VTS_UNROLL
        for (int j = 0; i + j < 3; j++) {
            lo[i + j] = _mm512_madd52lo_epu64(lo[i + j], x[i], scalar8_set1(y[j]));
            if (i + j < 2) {
                hi[i + j + 1] = _mm512_madd52hi_epu64(hi[i + j + 1], x[i], scalar8_set1(y[j]));
            }
        }
    }
}

/*
 * Signed columns, value mod 2^156 of absolute value below 2^128, to sign and magnitude. Columns are
 * below 2^60 in absolute value.
 */
static inline void scalar8_half_from_columns(scalar8_half *r, const __m512i column[3]) {
    const __m512i limb = scalar8_set1(SCALAR8_LIMB), zero = _mm512_setzero_si512();
    __m512i t[3], carry = zero;
    for (int i = 0; i < 3; i++) {
        __m512i sum = _mm512_add_epi64(column[i], carry);
        carry = _mm512_srai_epi64(sum, SCALAR8_LIMB_BITS);
        t[i] = _mm512_and_si512(sum, limb);
    }
    r->negative = _mm512_test_epi64_mask(t[2], scalar8_set1(1ULL << 51));
    carry = zero;
    for (int i = 0; i < 3; i++) { /* two's complement of the negative lanes */
        __m512i sum = _mm512_add_epi64(_mm512_sub_epi64(zero, t[i]), carry);
        carry = _mm512_srai_epi64(sum, SCALAR8_LIMB_BITS);
        t[i] = _mm512_mask_and_epi64(t[i], r->negative, sum, limb);
    }
    r->lo = _mm512_or_si512(t[0], _mm512_slli_epi64(t[1], 52));
    r->hi = _mm512_or_si512(_mm512_srli_epi64(t[1], 12), _mm512_slli_epi64(t[2], 40));
#ifdef VTS_CHECKED
    if (_mm512_cmpge_epu64_mask(t[2], scalar8_set1(1ULL << 24))) {
        fprintf(stderr, "scalar8: half of a split above 128 bits\n");
        abort();
    }
#endif
}

/*
 * The lattice {(x, y): x + lambda y = 0 mod n} has the short basis (a1, b1), (a2, b2) with b2 = a1
 * and b1 < 0:
 *   a1 = 3086d221a7d46bcde86c90e49284eb15, -b1 = e4437ed6010e88286f547fa90abfe4c3,
 *   a2 = 114ca50f7a8e2f3f657c1108d9d44cfd8.
 * With c1 = round(k b2 / n), c2 = round(-k b1 / n), the wanted short pair is the difference
 * (k, 0) - c1 (a1, b1) - c2 (a2, b2). The divisions by n become multiplications by g1 = round(2^384 b2 /
 * n), g2 = round(-2^384 b1 / n) and a shift. Since both halves are known to be below 2^128 in
 * absolute value, three limbs of two's complement are enough to compute them.
 */
static inline void scalar8_split_lambda(scalar8_half *k1, scalar8_half *k2, const scalar8 *k) {
    static const uint64_t G1[5] = {0x3209a45dbb031, 0x1471e8ca7fe89, 0x284eb153daa8a,
                                   0x6bcde86c90e49, 0x3086d221a7d4};
    static const uint64_t G2[5] = {0x1b4ae8ac47f71, 0xac9df506c6157, 0xabfe4c4221208,
                                   0x88286f547fa90, 0xe4437ed6010e};
    static const uint64_t A1[3] = {0xc90e49284eb15, 0x21a7d46bcde86, 0x3086d2};
    static const uint64_t A2[3] = {0x1108d9d44cfd8, 0xf7a8e2f3f657c, 0x114ca50};
    static const uint64_t MINUS_B1[3] = {0x47fa90abfe4c3, 0xd6010e88286f5, 0xe4437e};
    const __m512i zero = _mm512_setzero_si512();
    __m512i c1[3], c2[3];
    scalar8_check(k);
    scalar8_mul_shift_384(c1, k, G1);
    scalar8_mul_shift_384(c2, k, G2);

    __m512i lo[3] = {zero, zero, zero}, hi[3] = {zero, zero, zero}, column[3];
    scalar8_mul_low(lo, hi, c1, A1);
    scalar8_mul_low(lo, hi, c2, A2);
    for (int i = 0; i < 3; i++) { /* k1 = k - c1 a1 - c2 a2 */
        column[i] = _mm512_sub_epi64(k->v[i], _mm512_add_epi64(lo[i], hi[i]));
        lo[i] = hi[i] = zero;
    }
    scalar8_half_from_columns(k1, column);

    __m512i lo2[3] = {zero, zero, zero}, hi2[3] = {zero, zero, zero};
    scalar8_mul_low(lo, hi, c1, MINUS_B1);
    scalar8_mul_low(lo2, hi2, c2, A1);
    for (int i = 0; i < 3; i++) { /* k2 = c1 (-b1) - c2 b2 */
        column[i] = _mm512_sub_epi64(_mm512_add_epi64(lo[i], hi[i]),
                                     _mm512_add_epi64(lo2[i], hi2[i]));
    }
    scalar8_half_from_columns(k2, column);
}

#endif
