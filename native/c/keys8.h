/*
 * Public keys, eight to a group: decompressed, and with the tables that the ladders of all their
 * signatures read.
 */
#ifndef VTS_KEYS8_H
#define VTS_KEYS8_H

#include "affine8.h"
#include "digits8.h"

#define KEY_GROUPS 8 /* key groups per chunk: as many share each inversion */
#define KEY_HALVES 2 /* Q and 2^66 Q, so that a ladder has 63 doublings instead of 129 */
#define KEY_HALF_BITS (KEY_DIGITS / KEY_HALVES * KEY_WINDOW)
#define KEY_LARGEST_LEVEL 6
#define KEY_HALF_BYTES (8 * KEY_LANE_BYTES)

/* A key group's tables: of Q and of 2^66 Q, each eight lanes of eleven entries. */
typedef struct {
    _Alignas(128) uint8_t half[KEY_HALVES][KEY_HALF_BYTES];
} key_tables;

typedef struct {
    key_tables tables[KEY_GROUPS];
    ge8 key[KEY_GROUPS][KEY_HALVES];
    fe8 divisor[KEY_GROUPS], scratch[KEY_GROUPS];
    fe8 prefix[KEY_GROUPS * KEY_LARGEST_LEVEL][KEY_HALVES];
    __mmask8 valid[KEY_GROUPS];
} key_workspace;

_Static_assert(KEY_HALVES == VTS_STREAMS, "the halves' tables are built as two streams");

/* Compressed keys, and how they fill groups: eight different ones each, or one in all lanes. */
typedef struct {
    const uint8_t *bytes;
    size_t keys; /* 1 .. 8 KEY_GROUPS, or 1 .. KEY_GROUPS if replicated */
    int replicated;
} keys8_source;

/* Computes the tables of all groups. Lanes without a valid key get G's and are not in `valid`. */
static void keys8_prepare(key_workspace *w, const keys8_source *source);

static inline size_t keys8_groups(const keys8_source *source) {
    return source->replicated ? source->keys : (source->keys + 7) / 8;
}

/* ---- decompression ---- */

static void keys8_load(fe8 *x, __mmask8 *odd, __mmask8 *valid, const keys8_source *source,
                       size_t group) {
    size_t stride = source->replicated ? 0 : 33, left = source->keys - 8 * group;
    const uint8_t *key = source->bytes + 33 * (source->replicated ? group : 8 * group);
    unsigned lanes = source->replicated || left > 8 ? 8 : (unsigned)left;
    __m512i number[5];
    fe8 canonical;
    *odd = *valid = 0;
    for (unsigned lane = 0; lane < lanes; lane++) {
        uint8_t prefix = key[stride * lane];
        *odd |= (__mmask8)((prefix & 1) << lane);
        *valid |= (__mmask8)((prefix == 2 || prefix == 3) << lane);
    }
    scalar8_load_raw(number, key + 1, stride, lanes);
    for (int i = 0; i < 5; i++) {
        x->v[i] = number[i];
    }
    fe8_normalize(&canonical, x);
    for (int i = 0; i < 5; i++) {
        *valid &= _mm512_cmpeq_epi64_mask(canonical.v[i], x->v[i]);
    }
    *x = canonical;
}

/* Groups first and first + 1 (a last one alone: twice). */
static void keys8_decompress(key_workspace *w, const keys8_source *source, size_t first) {
    size_t group[VTS_STREAMS];
    fe8 x[VTS_STREAMS];
    ge8 point[VTS_STREAMS], g;
    __mmask8 odd[VTS_STREAMS], valid[VTS_STREAMS], on_curve[VTS_STREAMS];
    vts_g_affine(&g);
    EACH_STREAM {
        group[s] = first + (size_t)s < keys8_groups(source) ? first + (size_t)s : first;
        keys8_load(&x[s], &odd[s], &valid[s], source, group[s]);
    }
    ge8_decompress_pair(point, x, odd, on_curve);
    EACH_STREAM {
        valid[s] &= on_curve[s];
        fe8_select(&w->key[group[s]][0].x, &g.x, &point[s].x, valid[s]);
        fe8_select(&w->key[group[s]][0].w, &g.w, &point[s].w, valid[s]);
        w->valid[group[s]] = valid[s];
    }
}

/* ---- the second half ---- */

/* key[.][1] = 2^66 key[.][0]: doublings in pairs, then all made affine with one inversion. */
static void keys8_second_half(key_workspace *w, size_t groups) {
    for (size_t group = 0; group < groups; group += VTS_STREAMS) {
        gej8_sum sum[VTS_STREAMS];
        EACH_STREAM {
            size_t from = group + (size_t)s < groups ? group + (size_t)s : group;
            sum[s].x = w->key[from][0].x;
            sum[s].w = w->key[from][0].w;
            fe8_set_one(&sum[s].z);
            sum[s].negated = 0;
            sum[s].started = 0xff;
        }
        for (int i = 0; i < KEY_HALF_BITS; i++) { /* an even number: the sign is right again */
            gej8_double_call(sum);
        }
        EACH_STREAM {
            size_t to = group + (size_t)s;
            if (to < groups) {
                w->key[to][1].x = sum[s].x;
                w->key[to][1].w = sum[s].w;
                w->divisor[to] = sum[s].z;
            }
        }
    }
    fe8_inverse_batch_public_var(w->divisor, w->scratch, groups);
    for (size_t group = 0; group < groups; group++) {
        ge8 *high = &w->key[group][1];
        fe8 square;
        fe8_sqr(&square, &w->divisor[group]);
        fe8_mul(&high->x, &high->x, &square);
        fe8_mul(&square, &square, &w->divisor[group]);
        fe8_mul(&high->w, &high->w, &square);
    }
}

/* ---- tables ---- */

/* A packed element must be below 2^256. A reduced one hardly ever is not. */
FE8_INLINE void keys8_fit(fe8 *a) {
    if (__builtin_expect(_mm512_cmpgt_epu64_mask(a->v[4], fe8_set1(FE8_TOP)), 0)) {
        fe8_normalize(a, a);
    }
}

/* Writes point k of both halves: minus x, minus beta x, minus beta^2 x, w. minus_x: operand. */
static void keys8_store(key_tables *tables, int k, const fe8 *minus_x, const fe8 *w) {
    fe8 beta, beta_squared, element[VTS_STREAMS][4];
    fe8_set_constant(&beta, FE8_BETA);
    fe8_set_constant(&beta_squared, FE8_BETA_SQUARED);
    EACH_STREAM {
        fe8_mul(&element[s][1], &minus_x[s], &beta);
        fe8_mul(&element[s][2], &minus_x[s], &beta_squared);
        fe8_normalize_weak(&element[s][0], &minus_x[s]);
        element[s][3] = w[s];
        VTS_UNROLL
        for (int i = 0; i < 4; i++) {
            keys8_fit(&element[s][i]);
        }
    }
    EACH_STREAM {
        uint8_t *base = tables->half[s] + KEY_ENTRY_BYTES * k;
        ge8_store_rows(base, KEY_LANE_BYTES, &element[s][0], &element[s][1]);
        ge8_store_rows(base + 64, KEY_LANE_BYTES, &element[s][2], &element[s][3]);
    }
}

static const uint32_t KEYS8_LANES[8] = {0,
                                        KEY_LANE_BYTES,
                                        2 * KEY_LANE_BYTES,
                                        3 * KEY_LANE_BYTES,
                                        4 * KEY_LANE_BYTES,
                                        5 * KEY_LANE_BYTES,
                                        6 * KEY_LANE_BYTES,
                                        7 * KEY_LANE_BYTES};

/* The packed element `bytes` after the start of every lane's table. */
FE8_INLINE void keys8_read(fe8 *r, const uint8_t *half, int bytes) {
    __m512i word[4];
    ge8_load_words(word, half + bytes, KEYS8_LANES, 0);
    fe8_unpack(r, word);
}

FE8_INLINE void keys8_collect(key_workspace *w, size_t group, int k, fe8 *prefix, fe8 *product) {
    const key_chain_step *step = &KEY_CHAIN[k];
    fe8 minus_xa[VTS_STREAMS], minus_xb[VTS_STREAMS];
    EACH_STREAM {
        const uint8_t *half = w->tables[group].half[s];
        keys8_read(&minus_xa[s], half, KEY_ENTRY_BYTES * step->a + 32 * step->a_turn);
        keys8_read(&minus_xb[s], half, KEY_ENTRY_BYTES * step->b + 32 * step->b_turn);
    }
    affine8_collect(prefix, product, minus_xa, minus_xb);
}

FE8_INLINE void keys8_finish(key_workspace *w, size_t group, int k, const fe8 *prefix,
                             fe8 *product) {
    const key_chain_step *step = &KEY_CHAIN[k];
    affine8_summand a[VTS_STREAMS], b[VTS_STREAMS];
    fe8 minus_x[VTS_STREAMS], y[VTS_STREAMS];
    EACH_STREAM {
        const uint8_t *half = w->tables[group].half[s];
        keys8_read(&a[s].minus_x, half, KEY_ENTRY_BYTES * step->a + 32 * step->a_turn);
        keys8_read(&a[s].w, half, KEY_ENTRY_BYTES * step->a + KEY_W_BIT);
        keys8_read(&b[s].minus_x, half, KEY_ENTRY_BYTES * step->b + 32 * step->b_turn);
        keys8_read(&b[s].w, half, KEY_ENTRY_BYTES * step->b + KEY_W_BIT);
        a[s].negative = 0;
        b[s].negative = step->b_negative ? 0xff : 0;
    }
    affine8_finish(minus_x, y, prefix, product, a, b);
    keys8_store(&w->tables[group], k, minus_x, y);
}

/*
 * The points of one level, of all groups. No divisor is zero: the two summands are different
 * Eisenstein multiples, of norm below 20, of a point of prime order n, and not opposite either.
 */
static __attribute__((noinline)) void keys8_level(key_workspace *w, size_t groups, int level) {
    const int from = KEY_LEVEL_END[level], to = KEY_LEVEL_END[level + 1];
    fe8 product[VTS_STREAMS];
    size_t count = 0;
    affine8_start(product);
    for (size_t group = 0; group < groups; group++) {
        for (int k = from; k < to; k++) {
            keys8_collect(w, group, k, w->prefix[count++], product);
        }
    }
    affine8_invert(product);
    for (size_t group = groups; group-- > 0;) {
        for (int k = to - 1; k >= from; k--) {
            keys8_finish(w, group, k, w->prefix[--count], product);
        }
    }
}

static void keys8_tables(key_workspace *w, size_t groups) {
    for (size_t group = 0; group < groups; group++) {
        fe8 minus_x[VTS_STREAMS], y[VTS_STREAMS];
        EACH_STREAM {
            fe8_negate(&minus_x[s], &w->key[group][s].x);
            y[s] = w->key[group][s].w;
        }
        keys8_store(&w->tables[group], 0, minus_x, y);
    }
    for (int level = 0; level < KEY_LEVELS; level++) {
        keys8_level(w, groups, level);
    }
}

static void keys8_prepare(key_workspace *w, const keys8_source *source) {
    size_t groups = keys8_groups(source);
    for (size_t group = 0; group < groups; group += VTS_STREAMS) {
        keys8_decompress(w, source, group);
    }
    keys8_second_half(w, groups);
    keys8_tables(w, groups);
}

#endif
