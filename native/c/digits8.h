/*
 * Scalars to digits, eight at a time.
 *
 * The generator's scalar: sixteen signed digits of 16 bits.
 *
 * The key's scalar u = k1 + lambda k2 is read as the Eisenstein integer k1 + k2 lambda
 * (lambda^2 + lambda + 1 = 0) and written in base 8 with complex digits: of every class modulo 8
 * the member of least norm a^2 - a b + b^2. The 63 digits fall into eleven orbits under the six
 * units +-1, +-lambda, +-lambda^2, and multiplying a point by a unit costs a sign and a factor beta
 * or beta^2 of x. So a table of eleven points serves a window of three bits of both halves at
 * once: 44 additions instead of the 52 of two 5-bit tables with 16 points each.
 */
#ifndef VTS_DIGITS8_H
#define VTS_DIGITS8_H

#include "gtable.h"
#include "scalar8.h"

#define KEY_WINDOW 3
#define KEY_DIGITS 44 /* 132 bits: two's complement of 129 bits and a last carry */
#define KEY_TABLE_POINTS 11
#define KEY_ENTRY_BYTES 128 /* -x, -beta x, -beta^2 x, w: 32 bytes each */
#define KEY_W_BIT 96
#define KEY_LANE_BYTES (KEY_TABLE_POINTS * KEY_ENTRY_BYTES)
#define G_DIGITS 16

/*
 * Point k of the table is A + B, A = lambda^a_turn point a, B = +-lambda^b_turn point b. Points of
 * one level only need those of earlier levels.
 */
typedef struct {
    uint8_t a, a_turn, b, b_turn, b_negative;
} key_chain_step;

static const key_chain_step KEY_CHAIN[KEY_TABLE_POINTS] = {
    {0, 0, 0, 0, 0}, /* 1                     */
    {0, 0, 0, 1, 1}, /* 1 - lambda      norm 3 */
    {0, 0, 1, 1, 0}, /* 2 + 2 lambda         4 */
    {0, 0, 1, 2, 1}, /* 3 + lambda           7 */
    {0, 0, 1, 0, 0}, /* 2 - lambda           7 */
    {0, 0, 2, 1, 1}, /* 3                    9 */
    {0, 0, 3, 1, 1}, /* 2 - 2 lambda        12 */
    {0, 0, 3, 0, 0}, /* 4 + lambda          13 */
    {0, 0, 4, 0, 0}, /* 3 - lambda          13 */
    {1, 0, 3, 0, 0}, /* 4                   16 */
    {2, 0, 4, 1, 0}, /* 3 + 5 lambda        19 */
};
#define KEY_LEVELS 3
static const uint8_t KEY_LEVEL_END[KEY_LEVELS + 1] = {1, 2, 5, 11};

/*
 * Digits of eight signatures. Offsets in bytes: x[i] from a key group's table, g[i] from base i / 4
 * of the generator's table, to minus x; w is where bits KEY_W_BIT, GTABLE_W_BIT of the offset are
 * set. A zero digit is not active, and has the offset of a point all the same.
 */
typedef struct {
    uint32_t x[KEY_DIGITS][8], g[G_DIGITS][8];
    uint8_t x_negative[KEY_DIGITS], x_active[KEY_DIGITS];
    uint8_t g_negative[G_DIGITS], g_active[G_DIGITS];
} digits8;

static inline void digits8_of_key_scalar(digits8 *d, const scalar8 *u);
static inline void digits8_of_g_scalar(digits8 *d, const scalar8 *u);

/* By class 8 (a mod 8) + b mod 8: 4 point + turn; and as bit sets: the sign, and whether the
 * digit's a, b lie below the class's residue by 8 (then 1 is carried). */
static const uint8_t KEY_SLOT[64] = {
    0,  1,  10, 21, 37, 21, 10, 1,  0,  2,  5,  17, 33, 29, 13, 4,  9,  6,  8,  14, 25, 42,
    24, 16, 20, 12, 18, 22, 30, 40, 41, 32, 36, 28, 26, 34, 38, 34, 26, 28, 20, 32, 41, 40,
    30, 22, 18, 12, 9,  16, 24, 42, 25, 14, 8,  6,  0,  4,  13, 29, 33, 17, 5,  2};
#define KEY_NEGATIVE 0x735e8f8c1c0b62a4ULL
#define KEY_CARRY_A 0xfffffbf040000000ULL
#define KEY_CARRY_B 0xf0f0f8f0c0e0e0e0ULL

/* Two's complement of a half, in words 0, 1 and a word of sign. */
static inline void digits8_signed(__m512i word[3], const scalar8_half *half) {
    const __m512i zero = _mm512_setzero_si512(), one = _mm512_set1_epi64(1);
    __mmask8 low_zero = _mm512_testn_epi64_mask(half->lo, half->lo);
    __mmask8 any = _mm512_test_epi64_mask(_mm512_or_si512(half->lo, half->hi),
                                          _mm512_set1_epi64(-1));
    word[0] = _mm512_mask_sub_epi64(half->lo, half->negative, zero, half->lo);
    word[1] = _mm512_mask_sub_epi64(half->hi, half->negative, zero, half->hi);
    word[1] = _mm512_mask_sub_epi64(word[1], half->negative & (__mmask8)~low_zero, word[1], one);
    word[2] = _mm512_maskz_set1_epi64(half->negative & any, -1);
}

static inline void digits8_shift(__m512i word[3]) {
    word[0] = _mm512_shrdi_epi64(word[0], word[1], KEY_WINDOW);
    word[1] = _mm512_shrdi_epi64(word[1], word[2], KEY_WINDOW);
}

/* Bit class[lane] of a 64-bit set, as a lane of 0 or 1. */
static inline __m512i digits8_bit(uint64_t set, __m512i class) {
    return _mm512_and_si512(_mm512_srlv_epi64(_mm512_set1_epi64((long long)set), class),
                            _mm512_set1_epi64(1));
}

static inline void digits8_of_key_scalar(digits8 *d, const scalar8 *u) {
    const __m512i seven = _mm512_set1_epi64(7);
    const __m512i slots = _mm512_loadu_si512(KEY_SLOT);
    const __m512i lane = _mm512_mullo_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7),
                                            _mm512_set1_epi64(KEY_LANE_BYTES));
    scalar8_half half[2];
    __m512i a[3], b[3], carry_a = _mm512_setzero_si512(), carry_b = carry_a;
    scalar8_split_lambda(&half[0], &half[1], u);
    digits8_signed(a, &half[0]);
    digits8_signed(b, &half[1]);
    for (int i = 0; i < KEY_DIGITS; i++) {
        __m512i ta = _mm512_add_epi64(_mm512_and_si512(a[0], seven), carry_a);
        __m512i tb = _mm512_add_epi64(_mm512_and_si512(b[0], seven), carry_b);
        __m512i class = _mm512_or_si512(_mm512_slli_epi64(_mm512_and_si512(ta, seven), 3),
                                        _mm512_and_si512(tb, seven));
        __m512i slot = _mm512_maskz_permutexvar_epi8(0x0101010101010101ULL, class, slots);
        __m512i x = _mm512_add_epi64(_mm512_slli_epi64(slot, 5), lane);
        __m256i narrow = _mm512_cvtepi64_epi32(x);
        _mm256_storeu_si256((__m256i *)(void *)d->x[i], narrow);
        __m512i minus = digits8_bit(KEY_NEGATIVE, class);
        d->x_negative[i] = _mm512_test_epi64_mask(minus, minus);
        d->x_active[i] = _mm512_test_epi64_mask(class, class);
        carry_a = _mm512_add_epi64(_mm512_srli_epi64(ta, 3), digits8_bit(KEY_CARRY_A, class));
        carry_b = _mm512_add_epi64(_mm512_srli_epi64(tb, 3), digits8_bit(KEY_CARRY_B, class));
        digits8_shift(a);
        digits8_shift(b);
    }
#ifdef VTS_CHECKED
    /* digits and carry make up the number: the last carry cancels the sign beyond bit 131 */
    __mmask8 bad = _mm512_test_epi64_mask(_mm512_add_epi64(carry_a, a[2]), _mm512_set1_epi64(-1));
    bad |= _mm512_test_epi64_mask(_mm512_add_epi64(carry_b, b[2]), _mm512_set1_epi64(-1));
    if (bad) {
        fprintf(stderr, "digits8: digits run out, lanes %02x\n", (unsigned)bad);
        abort();
    }
#endif
}

/*
 * u, or n - u where bit 255 is set, is below 2^255; with 2^15 added in each 16-bit field, the
 * fields minus 2^15 are signed digits; the top field alone can reach 2^16, digit 2^15, which the
 * table has.
 */
static inline void digits8_of_g_scalar(digits8 *d, const scalar8 *u) {
    const __m512i bias = _mm512_set1_epi64((long long)0x8000800080008000ULL);
    const __m512i field = _mm512_set1_epi64(0xffff), half = _mm512_set1_epi64(0x8000);
    scalar8 small;
    __m512i word[4], carry = _mm512_setzero_si512();
    __mmask8 flipped = _mm512_test_epi64_mask(u->v[4], _mm512_set1_epi64(1LL << 47));
    scalar8_negate_lanes(&small, u, flipped);
    fe8 limbs;
    for (int i = 0; i < 5; i++) {
        limbs.v[i] = small.v[i];
    }
    fe8_pack(word, &limbs);
    for (int j = 0; j < 4; j++) {
        __m512i sum = _mm512_add_epi64(word[j], bias);
        __mmask8 out = _mm512_cmplt_epu64_mask(sum, bias);
        sum = _mm512_add_epi64(sum, carry);
        out |= _mm512_cmplt_epu64_mask(sum, carry);
        carry = _mm512_maskz_set1_epi64(out, 1);
        for (int k = 0; k < 4; k++) {
            __m512i digit = _mm512_srl_epi64(sum, _mm_cvtsi32_si128(16 * k));
            digit = _mm512_and_si512(digit, field);
            if (j == 3 && k == 3) {
                digit = _mm512_add_epi64(digit, _mm512_slli_epi64(carry, 16));
            }
            digit = _mm512_sub_epi64(digit, half);
            __mmask8 active = _mm512_test_epi64_mask(digit, digit);
            __m512i index = _mm512_sub_epi64(_mm512_abs_epi64(digit), _mm512_set1_epi64(1));
            index = _mm512_maskz_slli_epi64(active, index, 6);
            _mm256_storeu_si256((__m256i *)(void *)d->g[4 * j + k], _mm512_cvtepi64_epi32(index));
            d->g_negative[4 * j + k] = _mm512_movepi64_mask(digit) ^ flipped;
            d->g_active[4 * j + k] = active;
        }
    }
}

#endif
