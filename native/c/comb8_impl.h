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

FE8_INLINE void comb8_none(comb8_entry *entry, int part) {
    (void)entry;
    (void)part;
}

FE8_INLINE void comb8_aim_permute(comb8_entry *entry, const uint64_t *table, comb8_window window) {
    entry->window = window;
    entry->table = table;
    for (int b = 0; b < 3; b++) { /* bits 4..6; the permute looks at bits 0..3 */
        entry->bit[b] = _mm512_test_epi64_mask(window.index, fe8_set1(16ULL << b));
    }
}

/* Part j: word j, from sixteen registers by eight permutes and seven blends. */
FE8_INLINE void comb8_permute(comb8_entry *entry, int part) {
    const uint64_t *table = entry->table + (size_t)part * COMB8_PERMUTED;
    __m512i t[COMB8_PERMUTED / 16];
    VTS_UNROLL
    for (int i = 0; i < COMB8_PERMUTED / 16; i++) {
        t[i] = _mm512_permutex2var_epi64(_mm512_load_si512(table + 16 * i), entry->window.index,
                                         _mm512_load_si512(table + 16 * i + 8));
    }
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_mask_mov_epi64(t[2 * i], entry->bit[0], t[2 * i + 1]);
    }
    t[0] = _mm512_mask_mov_epi64(t[0], entry->bit[1], t[1]);
    t[1] = _mm512_mask_mov_epi64(t[2], entry->bit[1], t[3]);
    t[0] = _mm512_mask_mov_epi64(t[0], entry->bit[2], t[1]);
    entry->word[part] = t[0];
}

FE8_INLINE void comb8_aim_gather_var(comb8_entry *entry, const uint64_t *table,
                                     comb8_window window) {
    entry->window = window;
    entry->table = table;
    _mm512_storeu_si512(entry->at, window.index);
    for (int i = 0; i < 8; i++) {
        _mm_prefetch((const char *)(table + 8 * entry->at[i]), _MM_HINT_T0);
    }
}

/* Words i, i + 4 of four entries into half[i]. */
FE8_INLINE void comb8_gather_four_var(__m512i half[4], const uint64_t *table,
                                      const uint64_t at[4]) {
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    __m512i row[4];
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        row[i] = _mm512_load_si512(table + 8 * at[i]);
    }
    __m512i even[2] = {_mm512_unpacklo_epi64(row[0], row[1]),
                       _mm512_unpacklo_epi64(row[2], row[3])};
    __m512i odd[2] = {_mm512_unpackhi_epi64(row[0], row[1]),
                      _mm512_unpackhi_epi64(row[2], row[3])};
    half[0] = _mm512_permutex2var_epi64(even[0], low, even[1]);
    half[1] = _mm512_permutex2var_epi64(odd[0], low, odd[1]);
    half[2] = _mm512_permutex2var_epi64(even[0], high, even[1]);
    half[3] = _mm512_permutex2var_epi64(odd[0], high, odd[1]);
}

/* Late parts only: the lines that were asked for have had time to arrive. */
FE8_INLINE void comb8_gather_var(comb8_entry *entry, int part) {
    if (part == 4) {
        comb8_gather_four_var(entry->half, entry->table, entry->at);
    } else if (part == 5) {
        comb8_gather_four_var(entry->half + 4, entry->table, entry->at + 4);
    } else if (part == 6) {
        VTS_UNROLL
        for (int i = 0; i < 4; i++) {
            const __m512i a = entry->half[i], b = entry->half[i + 4];
            entry->word[i] = _mm512_shuffle_i64x2(a, b, 0x44);
            entry->word[i + 4] = _mm512_shuffle_i64x2(a, b, 0xee);
        }
    }
}

FE8_INLINE void comb8_fetch_all(comb8_entry *entry, comb8_fetch *fetch) {
    VTS_UNROLL
    for (int part = 0; part < 8; part++) {
        fetch(entry, part);
    }
}

/* Lanes in which the Y that a step of sign `window` leaves must be negated for one of sign `next`:
 * the step leaves sign Y, and the next one wants -(its sign) Y. */
FE8_INLINE __mmask8 comb8_turn(const comb8_entry *entry, const comb8_entry *next) {
    return _kxnor_mask8(entry->window.negative, next->window.negative);
}

FE8_INLINE void comb8_start(comb8_sum *sum, const comb8_entry *entry, const comb8_entry *next) {
    fe8 y, minus;
    fe8_unpack(&sum->x, entry->word);
    fe8_unpack(&y, entry->word + 4);
    fe8_negate(&minus, &y);
    fe8_select(&sum->y, &y, &minus, comb8_turn(entry, next));
    fe8_set_one(&sum->zz);
    fe8_set_one(&sum->zzz);
}

/*
 * With s the entry's sign and Y' = -s Y (what the sum holds):
 *   P = x2 ZZ - X          s R = y2 ZZZ + Y'
 *   X3 = R^2 - P^3 - 2 Q   Q = X P^2
 *   s Y3 = s R (Q - X3) + Y' P^3
 *   ZZ3 = ZZ P^2           ZZZ3 = ZZZ P^3
 * Without `next` neither Y3 nor ZZZ3 is computed.
 */
FE8_INLINE void comb8_step(comb8_sum *sum, const comb8_entry *entry, comb8_entry *next,
                           comb8_fetch *fetch) {
    fe8_wide w;
    fe8 p, r, pp, ppp, q, t;
    fe8_unpack_raw(&t, entry->word);
    fe8_wide_negated(&w, &sum->x, 1);
    fe8_wide_add_product_raw(&w, &t, &sum->zz);
    fe8_fold(&p, &w, 1);
    fe8_unpack_raw(&t, entry->word + 4);
    fe8_wide_of(&w, &sum->y);
    fe8_wide_add_product_raw(&w, &t, &sum->zzz);
    fe8_fold(&r, &w, 1);
    fetch(next, 0);
    fe8_sqr(&pp, &p);
    fetch(next, 1);
    fe8_mul(&ppp, &p, &pp);
    fetch(next, 2);
    fe8_mul(&q, &sum->x, &pp);
    fetch(next, 3);
    fe8_wide_square(&w, &r);
    fe8_wide_subtract(&w, &ppp, 1);
    fe8_wide_subtract(&w, &q, 2);
    fe8_fold(&sum->x, &w, 1);
    fetch(next, 4);
    fe8_mul(&sum->zz, &sum->zz, &pp);
    if (!next) {
        return;
    }
    fetch(next, 5);
    fe8_sub(&t, &q, &sum->x);
    fe8_wide_zero(&w);
    fe8_wide_add_product(&w, &r, &t);
    fe8_wide_add_product(&w, &sum->y, &ppp);
    fe8_fold_signed(&sum->y, &w, comb8_turn(entry, next));
    fetch(next, 6);
    fe8_mul(&sum->zzz, &sum->zzz, &ppp);
    fetch(next, 7);
}

FE8_INLINE void comb8_add(comb8_sum *sum, const comb8_entry *entry, comb8_entry *next,
                          comb8_fetch *fetch) {
    comb8_step(sum, entry, next, fetch);
}

FE8_INLINE void comb8_last(comb8_sum *sum, const comb8_entry *entry) {
    comb8_step(sum, entry, NULL, comb8_none);
}

#endif
