/* Implementation of comb8.h. */
#ifndef VTS_COMB8_IMPL_H
#define VTS_COMB8_IMPL_H

/* 1/2 mod n = (n + 1) / 2, and (2^L - 1) / 2 mod n is computed once for each width. */
static inline void comb8_half(scalar8 *r) {
    static const uint64_t HALF[5] = {0x92f46681b20a1, 0x7357a4501ddfe, 0xfffffff5d576e,
                                     0xfffffffffffff, 0x7fffffffffff};
    for (int i = 0; i < 5; i++) {
        r->v[i] = scalar8_set1(HALF[i]);
    }
}

/* 2^L - 1 mod n for 256 <= L < 272: 2^(L-256) c - 1, below 2^146. */
static inline void comb8_offset(scalar8 *r, unsigned length) {
    uint64_t carry = 0, limb[5];
    for (int i = 0; i < 5; i++) {
        unsigned __int128 t = ((unsigned __int128)SCALAR8_C[i] << (length - 256)) + carry;
        limb[i] = (uint64_t)t & SCALAR8_LIMB;
        carry = (uint64_t)(t >> SCALAR8_LIMB_BITS);
    }
    limb[0] -= 1; /* c 2^(L-256) is not a multiple of 2^52 */
    for (int i = 0; i < 5; i++) {
        r->v[i] = scalar8_set1(limb[i]);
    }
}

static inline void comb8_recode(comb8_digits *digits, const scalar8 *k, unsigned width) {
    scalar8 d, half;
    comb8_offset(&d, (255 + width) / width * width);
    comb8_half(&half);
    scalar8_add(&d, &d, k);
    scalar8_mul(&d, &d, &half);
    digits->word[0] = _mm512_or_si512(d.v[0], _mm512_slli_epi64(d.v[1], 52));
    digits->word[1] =
        _mm512_or_si512(_mm512_srli_epi64(d.v[1], 12), _mm512_slli_epi64(d.v[2], 40));
    digits->word[2] =
        _mm512_or_si512(_mm512_srli_epi64(d.v[2], 24), _mm512_slli_epi64(d.v[3], 28));
    digits->word[3] =
        _mm512_or_si512(_mm512_srli_epi64(d.v[3], 36), _mm512_slli_epi64(d.v[4], 16));
}

static inline comb8_window comb8_digit(const comb8_digits *digits, unsigned i, unsigned width) {
    unsigned bit = i * width, word = bit / 64, shift = bit % 64;
    const __m512i low_bits = scalar8_set1((1ULL << (width - 1)) - 1);
    __m512i t = _mm512_srl_epi64(digits->word[word], _mm_cvtsi32_si128((int)shift));
    if (shift + width > 64 && word < 3) {
        __m128i left = _mm_cvtsi32_si128((int)(64 - shift));
        t = _mm512_or_si512(t, _mm512_sll_epi64(digits->word[word + 1], left));
    }
    comb8_window window;
    window.negative = _mm512_testn_epi64_mask(t, scalar8_set1(1ULL << (width - 1)));
    window.index = _mm512_and_si512(t, low_bits);
    window.index = _mm512_mask_xor_epi64(window.index, window.negative, window.index, low_bits);
    return window;
}

/* Lanes in which the Y that a step of sign `window` leaves must be negated for one of sign `next`:
 * the step leaves sign Y, and the next one wants -(its sign) Y. */
FE8_INLINE __mmask8 comb8_turn(comb8_window window, comb8_window next) {
    return _kxnor_mask8(window.negative, next.negative);
}

FE8_INLINE void comb8_start(comb8_sum *sum, const __m512i word[8], comb8_window window,
                            comb8_window next) {
    fe8 y, minus;
    fe8_unpack(&sum->x, word);
    fe8_unpack(&y, word + 4);
    fe8_negate(&minus, &y);
    fe8_select(&sum->y, &y, &minus, comb8_turn(window, next));
    fe8_set_one(&sum->zz);
    fe8_set_one(&sum->zzz);
}

/*
 * With s the entry's sign and Y' = -s Y (what the sum holds):
 *   P = x2 ZZ - X          s R = y2 ZZZ + Y'
 *   X3 = R^2 - P^3 - 2 Q   Q = X P^2
 *   s Y3 = s R (Q - X3) + Y' P^3
 *   ZZ3 = ZZ P^2           ZZZ3 = ZZZ P^3
 * fresh: ZZ = ZZZ = 1. Without `more` neither Y3 nor ZZZ3 is computed.
 */
FE8_INLINE void comb8_step(comb8_sum *sum, const __m512i word[8], __mmask8 turn, int fresh,
                           int more) {
    fe8_wide w;
    fe8 p, r, pp, ppp, q, t;
    if (fresh) {
        fe8_unpack(&p, word);
        fe8_wide_of(&w, &p);
        fe8_wide_subtract(&w, &sum->x, 1);
        fe8_fold(&p, &w, 1);
        fe8_unpack(&r, word + 4);
        fe8_wide_of(&w, &sum->y);
        fe8_wide_add(&w, &r);
        fe8_fold(&r, &w, 1);
    } else {
        fe8 raw;
        fe8_unpack_raw(&raw, word);
        fe8_wide_negated(&w, &sum->x, 1);
        fe8_wide_add_product_raw(&w, &raw, &sum->zz);
        fe8_fold(&p, &w, 1);
        fe8_unpack_raw(&raw, word + 4);
        fe8_wide_of(&w, &sum->y);
        fe8_wide_add_product_raw(&w, &raw, &sum->zzz);
        fe8_fold(&r, &w, 1);
    }
    fe8_sqr(&pp, &p);
    fe8_mul(&ppp, &p, &pp);
    fe8_mul(&q, &sum->x, &pp);
    fe8_wide_square(&w, &r);
    fe8_wide_subtract(&w, &ppp, 1);
    fe8_wide_subtract(&w, &q, 2);
    fe8_fold(&sum->x, &w, 1);
    if (fresh) {
        sum->zz = pp;
    } else {
        fe8_mul(&sum->zz, &sum->zz, &pp);
    }
    if (!more) {
        return;
    }
    fe8_sub(&t, &q, &sum->x);
    fe8_wide_zero(&w);
    fe8_wide_add_product(&w, &r, &t);
    fe8_wide_add_product(&w, &sum->y, &ppp);
    fe8_fold_signed(&sum->y, &w, turn);
    if (fresh) {
        sum->zzz = ppp;
    } else {
        fe8_mul(&sum->zzz, &sum->zzz, &ppp);
    }
}

FE8_INLINE void comb8_second(comb8_sum *sum, const __m512i word[8], comb8_window window,
                             comb8_window next) {
    comb8_step(sum, word, comb8_turn(window, next), 1, 1);
}

FE8_INLINE void comb8_add(comb8_sum *sum, const __m512i word[8], comb8_window window,
                          comb8_window next) {
    comb8_step(sum, word, comb8_turn(window, next), 0, 1);
}

FE8_INLINE void comb8_last(comb8_sum *sum, const __m512i word[8]) {
    comb8_step(sum, word, 0, 0, 0);
}

FE8_INLINE void comb8_lookup(__m512i word[8], const uint64_t *table, unsigned entries,
                             __m512i index) {
    const unsigned registers = entries / 8;
    __mmask8 bit[3];
    for (int b = 0; b < 3; b++) {
        bit[b] = _mm512_test_epi64_mask(index, fe8_set1(16ULL << b));
    }
    VTS_UNROLL
    for (int j = 0; j < 8; j++, table += entries) {
        __m512i t[16];
        VTS_UNROLL
        for (unsigned i = 0; i < registers / 2; i++) {
            t[i] = _mm512_permutex2var_epi64(_mm512_load_si512(table + 16 * i), index,
                                             _mm512_load_si512(table + 16 * i + 8));
        }
        VTS_UNROLL
        for (unsigned b = 0, left = registers / 2; left > 1; b++, left /= 2) {
            VTS_UNROLL
            for (unsigned i = 0; i < left / 2; i++) {
                t[i] = _mm512_mask_mov_epi64(t[2 * i], bit[b], t[2 * i + 1]);
            }
        }
        word[j] = t[0];
    }
}

FE8_INLINE void comb8_gather_var(__m512i word[8], const uint64_t *table, const uint64_t index[8]) {
    __m512i a[8], b[8];
    VTS_UNROLL
    for (int i = 0; i < 8; i++) {
        a[i] = _mm512_load_si512(table + 8 * index[i]);
    }
    VTS_UNROLL
    for (int i = 0; i < 8; i += 2) { /* rows i, i + 1: even words in b[i], odd words in b[i + 1] */
        b[i] = _mm512_unpacklo_epi64(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 1]);
    }
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    VTS_UNROLL
    for (int i = 0; i < 2; i++) { /* words i, i + 4 of rows 0..3 and 4..7; words i + 2, i + 6 */
        a[i] = _mm512_permutex2var_epi64(b[i], low, b[i + 2]);
        a[i + 2] = _mm512_permutex2var_epi64(b[i], high, b[i + 2]);
        a[i + 4] = _mm512_permutex2var_epi64(b[i + 4], low, b[i + 6]);
        a[i + 6] = _mm512_permutex2var_epi64(b[i + 4], high, b[i + 6]);
    }
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        word[i] = _mm512_shuffle_i64x2(a[i], a[i + 4], 0x44);
        word[i + 4] = _mm512_shuffle_i64x2(a[i], a[i + 4], 0xee);
    }
}

#endif
