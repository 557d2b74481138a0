/* Implementation of group8.h. */
#ifndef VTS_GROUP8_IMPL_H
#define VTS_GROUP8_IMPL_H

#define EACH_STREAM \
    VTS_UNROLL      \
    for (int s = 0; s < VTS_STREAMS; s++)

FE8_INLINE void gej8_set_infinity(gej8_sum *sum) {
    fe8_set_zero(&sum->x);
    fe8_set_zero(&sum->w);
    fe8_set_zero(&sum->z);
    sum->negated = 0;
    sum->started = 0;
}

FE8_INLINE void gej8_double(gej8_sum *sum) {
    fe8 m[VTS_STREAMS], b[VTS_STREAMS], t[VTS_STREAMS], u[VTS_STREAMS];
    fe8_wide wide;
    EACH_STREAM {
        fe8_wide_square(&wide, &sum[s].x);
        fe8_fold_factor(&m[s], &wide, 3);
    }
    EACH_STREAM {
        fe8_sqr_factor(&b[s], &sum[s].w);
    }
    EACH_STREAM {
        fe8_mul_term(&t[s], &sum[s].x, &b[s]);
    }
    EACH_STREAM {
        fe8_wide_square(&wide, &m[s]);
        fe8_wide_subtract_term(&wide, &t[s], 2);
        fe8_fold(&sum[s].x, &wide, 1);
        fe8_sub_term(&u[s], &sum[s].x, &t[s], 2);
    }
    EACH_STREAM {
        fe8_mul_factor(&sum[s].z, &sum[s].z, &sum[s].w);
    }
    EACH_STREAM {
        fe8_wide_square(&wide, &b[s]);
        fe8_wide_add_product(&wide, &m[s], &u[s]);
        fe8_fold(&sum[s].w, &wide, 1);
        sum[s].negated ^= 0xff;
    }
}

static __attribute__((noinline, unused)) void gej8_double_call(gej8_sum *sum) {
    gej8_double(sum);
}

/* Sums that start with this addend: they take its sign relative to `negated`, and z = 1. */
static __attribute__((noinline)) void gej8_start(gej8_sum *sum, const ge8_addend *addend,
                                                 __mmask8 fresh) {
    fe8 x, w, minus_w, one;
    __mmask8 negative = addend->negative ^ sum->negated;
    fe8_normalize_weak(&x, addend->minus_x);
    fe8_negate(&x, &x);
    fe8_normalize_weak(&x, &x);
    fe8_negate(&minus_w, addend->w);
    fe8_normalize_weak(&minus_w, &minus_w);
    fe8_select(&w, addend->w, &minus_w, negative);
    fe8_set_one(&one);
    fe8_select(&sum->x, &sum->x, &x, fresh);
    fe8_select(&sum->w, &sum->w, &w, fresh);
    fe8_select(&sum->z, &sum->z, &one, fresh);
    sum->started |= fresh;
}

/* Lanes whose sum equals the addend are doubled, lanes whose sum is its negative are infinity. */
static __attribute__((noinline)) void gej8_meet(gej8_sum *sum, const ge8_addend *addend,
                                                __mmask8 equal, __mmask8 opposite) {
    gej8_sum twice[VTS_STREAMS];
    ge8_addend relative = *addend;
    EACH_STREAM {
        twice[s] = *sum;
    }
    /* the addition has turned `negated` of these lanes already, and so will the doubling */
    twice[0].negated ^= equal;
    gej8_start(&twice[0], &relative, equal);
    gej8_double(twice);
    fe8_select(&sum->x, &sum->x, &twice[0].x, equal);
    fe8_select(&sum->w, &sum->w, &twice[0].w, equal);
    fe8_select(&sum->z, &sum->z, &twice[0].z, equal);
    sum->started &= (__mmask8)~opposite;
}

FE8_INLINE void gej8_add(gej8_sum *sum, const ge8_addend *addend, int complete) {
    fe8 zz[VTS_STREAMS], zzz[VTS_STREAMS], h[VTS_STREAMS], r[VTS_STREAMS], i4[VTS_STREAMS],
        j[VTS_STREAMS], v[VTS_STREAMS], x[VTS_STREAMS], u[VTS_STREAMS], out;
    __mmask8 old[VTS_STREAMS], fresh[VTS_STREAMS];
    fe8_wide wide;
    EACH_STREAM {
        old[s] = addend[s].active & sum[s].started;
        fresh[s] = addend[s].active & (__mmask8)~sum[s].started;
        fe8_sqr_factor(&zz[s], &sum[s].z);
    }
    EACH_STREAM {
        fe8_wide_zero(&wide);
        fe8_wide_add_product(&wide, &zz[s], &sum[s].z);
        fe8_fold_signed_factor(&zzz[s], &wide, (__mmask8)~(addend[s].negative ^ sum[s].negated));
    }
    EACH_STREAM {
        fe8_wide_of(&wide, &sum[s].x);
        fe8_wide_add_product(&wide, &zz[s], addend[s].minus_x);
        fe8_fold_factor(&h[s], &wide, 1);
    }
    EACH_STREAM {
        fe8_wide_of(&wide, &sum[s].w);
        fe8_wide_add_product(&wide, &zzz[s], addend[s].w);
        fe8_fold_factor(&r[s], &wide, 1);
    }
    EACH_STREAM {
        fe8_wide_square(&wide, &h[s]);
        fe8_fold_factor(&i4[s], &wide, 4);
    }
    EACH_STREAM {
        fe8_wide_zero(&wide);
        fe8_wide_add_product(&wide, &sum[s].z, &h[s]);
        fe8_fold_factor(&out, &wide, 2);
        fe8_select(&sum[s].z, &sum[s].z, &out, old[s]);
    }
    EACH_STREAM {
        fe8_mul_term(&v[s], &sum[s].x, &i4[s]);
    }
    EACH_STREAM {
        fe8_mul(&j[s], &h[s], &i4[s]);
    }
    EACH_STREAM {
        fe8_wide_square(&wide, &r[s]);
        fe8_wide_subtract_term(&wide, &v[s], 2);
        fe8_wide_add(&wide, &j[s]);
        fe8_fold(&x[s], &wide, 1);
        fe8_sub_term(&u[s], &x[s], &v[s], 1);
        fe8_select(&sum[s].x, &sum[s].x, &x[s], old[s]);
    }
    EACH_STREAM {
        fe8_wide_zero(&wide);
        fe8_wide_add_product(&wide, &sum[s].w, &j[s]);
        fe8_wide_add_product(&wide, &u[s], &r[s]);
        fe8_fold(&out, &wide, 2);
        fe8_select(&sum[s].w, &sum[s].w, &out, old[s]);
    }
    EACH_STREAM {
        sum[s].negated ^= old[s];
        if (complete) {
            fe8_settle(&h[s], &h[s]);
            fe8_settle(&r[s], &r[s]);
            __mmask8 same_x = fe8_is_zero(&h[s]) & old[s];
            if (same_x) {
                __mmask8 same = fe8_is_zero(&r[s]) & same_x;
                gej8_meet(&sum[s], &addend[s], same, same_x & (__mmask8)~same);
            }
        }
        if (__builtin_expect(fresh[s], 0)) {
            gej8_start(&sum[s], &addend[s], fresh[s]);
        }
    }
}

FE8_INLINE void gej8_add_fast(gej8_sum *sum, const ge8_addend *addend) {
    gej8_add(sum, addend, 0);
}

FE8_INLINE void gej8_add_complete(gej8_sum *sum, const ge8_addend *addend) {
    gej8_add(sum, addend, 1);
}

/* Half rows of lanes 0|2, 1|3, 4|6, 5|7 to columns of words: two rounds of two-way shuffles. */
FE8_INLINE void ge8_load_words(__m512i word[4], const uint8_t *base, const uint32_t at[8],
                               uint32_t bit) {
    static const int lane[4][2] = {{0, 2}, {1, 3}, {4, 6}, {5, 7}};
    __m512i row[4];
    VTS_UNROLL
    for (int i = 0; i < 4; i++) {
        const void *low = base + (at[lane[i][0]] | bit), *high = base + (at[lane[i][1]] | bit);
        row[i] = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256(low)),
                                    _mm256_loadu_si256(high), 1);
    }
    __m512i a = _mm512_unpacklo_epi64(row[0], row[1]), b = _mm512_unpackhi_epi64(row[0], row[1]);
    __m512i c = _mm512_unpacklo_epi64(row[2], row[3]), d = _mm512_unpackhi_epi64(row[2], row[3]);
    word[0] = _mm512_shuffle_i64x2(a, c, 0x88);
    word[1] = _mm512_shuffle_i64x2(b, d, 0x88);
    word[2] = _mm512_shuffle_i64x2(a, c, 0xdd);
    word[3] = _mm512_shuffle_i64x2(b, d, 0xdd);
}

/* Words of four lanes (0..3 in the even, 4..7 in the odd 256 bits) to rows; see ge8_load_words. */
FE8_INLINE void ge8_words_to_rows(__m512i row[4], const __m512i word[4]) {
    __m512i a = _mm512_unpacklo_epi64(word[0], word[1]);
    __m512i b = _mm512_unpackhi_epi64(word[0], word[1]);
    __m512i c = _mm512_unpacklo_epi64(word[2], word[3]);
    __m512i d = _mm512_unpackhi_epi64(word[2], word[3]);
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    row[0] = _mm512_permutex2var_epi64(a, first, c);  /* lanes 0, 2 */
    row[1] = _mm512_permutex2var_epi64(b, first, d);  /* lanes 1, 3 */
    row[2] = _mm512_permutex2var_epi64(a, second, c); /* lanes 4, 6 */
    row[3] = _mm512_permutex2var_epi64(b, second, d); /* lanes 5, 7 */
}

FE8_INLINE void ge8_store_rows(uint8_t *base, size_t stride, const fe8 *a, const fe8 *b) {
    static const int lane[4][2] = {{0, 2}, {1, 3}, {4, 6}, {5, 7}};
    const fe8 *element[2] = {a, b};
    VTS_UNROLL
    for (int e = 0; e < 2; e++) {
        __m512i word[4], row[4];
        fe8_pack(word, element[e]);
        ge8_words_to_rows(row, word);
        VTS_UNROLL
        for (int i = 0; i < 4; i++) {
            void *low = base + (size_t)lane[i][0] * stride + 32 * e;
            void *high = base + (size_t)lane[i][1] * stride + 32 * e;
            _mm256_storeu_si256(low, _mm512_castsi512_si256(row[i]));
            _mm256_storeu_si256(high, _mm512_extracti64x4_epi64(row[i], 1));
        }
    }
}

FE8_INLINE void gej8_to_affine(ge8 *r, const gej8_sum *a) {
    fe8 inverse, square, minus;
    fe8_inverse(&inverse, &a->z);
    fe8_sqr(&square, &inverse);
    fe8_mul(&r->x, &a->x, &square);
    fe8_mul(&square, &square, &inverse);
    fe8_mul(&r->w, &a->w, &square);
    fe8_negate(&minus, &r->w);
    fe8_normalize_weak(&minus, &minus);
    fe8_select(&r->w, &r->w, &minus, a->negated);
}

FE8_INLINE void ge8_decompress_pair(ge8 r[2], const fe8 x[2], const __mmask8 odd[2],
                                    __mmask8 on_curve[2]) {
    static const uint64_t seven[5] = {7, 0, 0, 0, 0};
    fe8 right[2], y[2], square, minus, b;
    fe8_wide wide;
    fe8_set_constant(&b, seven);
    EACH_STREAM {
        fe8_sqr(&square, &x[s]);
        fe8_wide_of(&wide, &b);
        fe8_wide_add_product(&wide, &square, &x[s]);
        fe8_fold(&right[s], &wide, 1);
    }
    fe8_sqrt_candidate_pair(y, right);
    EACH_STREAM {
        fe8_sqr(&square, &y[s]);
        on_curve[s] = fe8_equal(&square, &right[s]);
        fe8_normalize(&y[s], &y[s]);
        fe8_negate(&minus, &y[s]);
        fe8_normalize_weak(&minus, &minus);
        fe8_select(&y[s], &y[s], &minus, fe8_is_odd(&y[s]) ^ odd[s]);
        r[s].x = x[s];
        fe8_add(&r[s].w, &y[s], &y[s]);
        fe8_normalize_weak(&r[s].w, &r[s].w);
    }
}

#endif
