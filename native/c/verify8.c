/*
 * Batch verification: u1 G + u2 Q for eight signatures in the lanes of one stream, two streams
 * interleaved. See docs/internals/KERNEL.md for the whole picture.
 *
 * Work comes in chunks of up to KEY_GROUPS groups of eight keys, all state on the stack:
 *   1. keys      decompress; lanes without a valid key get G and the verdict 0
 *   2. halves    Q and 2^66 Q, so that a signature's 132 bits cost 63 doublings instead of 129
 *   3. tables    eleven points of each, affine, by batched inversion, shared by a key's signatures
 *   4. scalars   1 / s by batched inversion, u1 and u2
 *   5. ladders   63 doublings, 44 additions from the key's tables, 16 from the generator's
 *   6. compare   x = r z^2, or r + n, without an inversion
 */
#include "scalar8.h"
#include "sums8.h"
#include "vts_kernel.h"

#define CHUNK_SIGNATURES 32 /* signature groups whose s are inverted together */
#define CHUNK_PAIRS 4       /* pairs of them whose sums share inversions; 8 gained 0.3% */
#define LADDER_TOP_BIT 63

typedef struct {
    scalar8 r, u1, u2;
    __mmask8 valid;
} signature_group;

/*
 * What the caller gave, and the keys and signatures of them that this chunk takes. Lanes are eight
 * keys, and a column one signature of each; or, replicated, lanes are eight signatures of one key.
 */
typedef struct {
    const uint8_t *digests, *signatures;
    uint8_t *verdicts;
    size_t per_key;
    keys8_source keys;
    size_t first_key;
    size_t first_column, columns; /* of each group: the columns of this chunk */
} chunk;

/* The signatures of one column of a group: of lane 0, from lane to lane, and how many. */
typedef struct {
    size_t first, stride;
    unsigned lanes;
} column_items;

static column_items items_of(const chunk *c, size_t group, size_t column) {
    column_items r;
    size_t left;
    column += c->first_column;
    if (c->keys.replicated) {
        r.first = (c->first_key + group) * c->per_key + 8 * column;
        r.stride = 1;
        left = c->per_key - 8 * column;
    } else {
        r.first = (c->first_key + 8 * group) * c->per_key + column;
        r.stride = c->per_key;
        left = c->keys.keys - 8 * group;
    }
    r.lanes = left < 8 ? (unsigned)left : 8;
    return r;
}

_Static_assert(sizeof(key_workspace) + CHUNK_PAIRS * sizeof(sums8) +
                       CHUNK_SIGNATURES * (sizeof(signature_group) + 2 * sizeof(scalar8)) +
                       64 * 1024 <
                   VTS_KERNEL_STACK_BYTES,
               "what vts_kernel.h promises about the stack");

/* ---- scalars --------------------------------------------------------------------------------- */

/* Reads r, s and the digest of one column of a group; u2 holds s, u1 the digest. */
static void load_signatures(signature_group *sig, const chunk *c, size_t group, size_t column) {
    column_items at = items_of(c, group, column);
    const uint8_t *bytes = c->signatures + 64 * at.first;
    __mmask8 bad = scalar8_load(&sig->r, bytes, 64 * at.stride, at.lanes);
    bad |= scalar8_load(&sig->u2, bytes + 32, 64 * at.stride, at.lanes);
    bad |= scalar8_is_zero(&sig->r) | scalar8_is_zero(&sig->u2) | scalar8_is_high(&sig->u2);
    (void)scalar8_load(&sig->u1, c->digests + 32 * at.first, 32 * at.stride, at.lanes);
    sig->valid = (__mmask8)~bad & (__mmask8)((1U << at.lanes) - 1);
}

static void prepare_signatures(signature_group *sig, const chunk *c, size_t groups) {
    scalar8 inverse[CHUNK_SIGNATURES], scratch[CHUNK_SIGNATURES], one;
    scalar8_set_one(&one);
    size_t count = groups * c->columns;
    for (size_t i = 0; i < count; i++) {
        load_signatures(&sig[i], c, i / c->columns, i % c->columns);
        /* an invalid s may be zero, and would spoil its lane everywhere */
        scalar8_select(&inverse[i], &one, &sig[i].u2, sig[i].valid);
    }
    scalar8_inverse_batch_public_var(inverse, scratch, count);
    for (size_t i = 0; i < count; i++) {
        scalar8_mul(&sig[i].u1, &sig[i].u1, &inverse[i]);
        scalar8_mul(&sig[i].u2, &sig[i].r, &inverse[i]);
    }
}

/* ---- ladders --------------------------------------------------------------------------------- */

static __attribute__((noinline)) void add_fast(gej8_sum *sum, const ge8_addend *addend) {
    gej8_add_fast(sum, addend);
}

static __attribute__((noinline)) void add_complete(gej8_sum *sum, const ge8_addend *addend) {
    gej8_add_complete(sum, addend);
}

typedef void adder(gej8_sum *sum, const ge8_addend *addend);

static void add_sum(gej8_sum *sum, const sums8 *l, int i, adder *add) {
    ge8_addend addend[VTS_STREAMS];
    EACH_STREAM {
        addend[s].minus_x = &l->point[i].minus_x[s];
        addend[s].w = &l->point[i].w[s];
        addend[s].negative = l->negative[i][s];
        addend[s].active = l->active[i][s];
    }
    add(sum, addend);
}

static void run_ladder(gej8_sum *sum, const sums8 *l, adder *add) {
    EACH_STREAM {
        gej8_set_infinity(&sum[s]);
    }
    for (int bit = LADDER_TOP_BIT; bit >= 0; bit--) {
        if (bit < LADDER_TOP_BIT) {
            gej8_double_call(sum);
        }
        if (bit % KEY_WINDOW == 0) {
            add_sum(sum, l, bit / KEY_WINDOW, add);
        }
        if (bit % GTABLE_BITS == 0) {
            add_sum(sum, l, KEY_SUMS + 2 * (bit / GTABLE_BITS), add);
        }
    }
}

/* ---- comparison ------------------------------------------------------------------------------ */

/* p - n: below it, r + n is another x that is r mod n. */
static const uint64_t P_MINUS_N[5] = {0xda1722fc9baee, 0x1950b75fc4402, 0x1455123, 0, 0};

/* Lanes with r < p - n; candidate = r + n there. One honest signature in 2^127 comes here. */
static __attribute__((noinline)) __mmask8 second_candidate(fe8 *candidate, const fe8 *r) {
    __mmask8 less = 0, equal = 0xff;
    __m512i carry = _mm512_setzero_si512();
    for (int i = 4; i >= 0; i--) {
        __m512i bound = fe8_set1(P_MINUS_N[i]);
        less |= equal & _mm512_cmplt_epu64_mask(r->v[i], bound);
        equal &= _mm512_cmpeq_epi64_mask(r->v[i], bound);
    }
    for (int i = 0; i < 5; i++) {
        __m512i t = _mm512_add_epi64(_mm512_add_epi64(r->v[i], fe8_set1(SCALAR8_N[i])), carry);
        t = _mm512_maskz_mov_epi64(less, t);
        candidate->v[i] = i < 4 ? _mm512_and_si512(t, fe8_set1(FE8_LIMB)) : t;
        carry = _mm512_srli_epi64(t, 52);
    }
    return less;
}

/* Lanes whose sum's affine x is r modulo n. r < n < p, so its limbs are a field element's. */
static __mmask8 matches(const gej8_sum *sum, const scalar8 *r) {
    fe8 x, zz, product;
    for (int i = 0; i < 5; i++) {
        x.v[i] = r->v[i];
    }
    fe8_sqr(&zz, &sum->z);
    fe8_mul(&product, &zz, &x);
    __mmask8 match = fe8_equal(&product, &sum->x);
    __m512i high = _mm512_or_si512(x.v[3], x.v[4]);
    if (__builtin_expect(_mm512_testn_epi64_mask(high, high), 0)) {
        fe8 other;
        __mmask8 has = second_candidate(&other, &x);
        fe8_mul(&product, &zz, &other);
        match |= fe8_equal(&product, &sum->x) & has;
    }
    return match & sum->started;
}

/*
 * Verdicts of two signature groups. The fast ladder leaves z = 0 mod p in every lane in which an
 * addition met plus or minus its own sum; if there is one, both streams go through the complete
 * ladder, which costs an attacker's signature at most twice and a bit.
 */
static void verify_pair(__mmask8 verdict[VTS_STREAMS], const sums8 *l,
                        const signature_group *const sig[VTS_STREAMS],
                        const __mmask8 valid[VTS_STREAMS]) {
    gej8_sum sum[VTS_STREAMS];
    __mmask8 again = 0;
    run_ladder(sum, l, add_fast);
    EACH_STREAM {
        fe8 z;
        fe8_settle(&z, &sum[s].z);
        again |= fe8_is_zero(&z) & sum[s].started & valid[s];
    }
    if (__builtin_expect(again, 0)) {
        run_ladder(sum, l, add_complete);
    }
    EACH_STREAM {
        verdict[s] = matches(&sum[s], &sig[s]->r) & valid[s];
    }
}

static void write_verdicts(const chunk *c, size_t group, size_t column, __mmask8 verdict) {
    column_items at = items_of(c, group, column);
    for (unsigned lane = 0; lane < at.lanes; lane++) {
        c->verdicts[at.first + lane * at.stride] = verdict >> lane & 1;
    }
}

/* The generator's table lies in the third-level cache: its lines are asked for well ahead. */
static void prefetch_g(const digits8 *d) {
    for (size_t digit = 0; digit < G_DIGITS; digit++) {
        const uint8_t *base = vts_gtable + digit / 4 * GTABLE_BASE_BYTES;
        for (int lane = 0; lane < 8; lane++) {
            _mm_prefetch((const char *)base + d->g[digit][lane], _MM_HINT_T1);
        }
    }
}

/* Pairs first .. first + count - 1 of the chunk's signature groups. */
static void verify_pairs(sums8 *pairs, const key_workspace *w, const signature_group *sig,
                         const chunk *c, size_t first, size_t count) {
    size_t groups = keys8_groups(&c->keys) * c->columns;
    for (size_t i = 0; i < count; i++) {
        EACH_STREAM {
            size_t index = VTS_STREAMS * (first + i) + (size_t)s;
            index = index < groups ? index : groups - 1;
            pairs[i].tables[s] = &w->tables[index / c->columns];
            digits8_of_key_scalar(&pairs[i].digits[s], &sig[index].u2);
            digits8_of_g_scalar(&pairs[i].digits[s], &sig[index].u1);
            prefetch_g(&pairs[i].digits[s]);
        }
    }
    sums8_build(pairs, count);
    for (size_t i = 0; i < count; i++) {
        const signature_group *pair[VTS_STREAMS];
        __mmask8 valid[VTS_STREAMS], verdict[VTS_STREAMS];
        size_t index[VTS_STREAMS];
        EACH_STREAM {
            index[s] = VTS_STREAMS * (first + i) + (size_t)s;
            index[s] = index[s] < groups ? index[s] : groups - 1;
            pair[s] = &sig[index[s]];
            valid[s] = pair[s]->valid & w->valid[index[s] / c->columns];
        }
        verify_pair(verdict, &pairs[i], pair, valid);
        EACH_STREAM {
            write_verdicts(c, index[s] / c->columns, index[s] % c->columns, verdict[s]);
        }
    }
}

static void verify_signatures(const key_workspace *w, const chunk *c, size_t groups) {
    signature_group sig[CHUNK_SIGNATURES];
    sums8 pairs[CHUNK_PAIRS];
    size_t count = (groups * c->columns + VTS_STREAMS - 1) / VTS_STREAMS;
    prepare_signatures(sig, c, groups);
    for (size_t first = 0; first < count; first += CHUNK_PAIRS) {
        size_t left = count - first;
        verify_pairs(pairs, w, sig, c, first, left < CHUNK_PAIRS ? left : CHUNK_PAIRS);
    }
}

static void verify_chunk(key_workspace *w, chunk *c) {
    size_t groups = keys8_groups(&c->keys), most = CHUNK_SIGNATURES / groups;
    size_t columns = c->keys.replicated ? (c->per_key + 7) / 8 : c->per_key;
    keys8_prepare(w, &c->keys);
    for (c->first_column = 0; c->first_column < columns; c->first_column += c->columns) {
        size_t left = columns - c->first_column;
        c->columns = left < most ? left : most;
        verify_signatures(w, c, groups);
    }
}

/*
 * Few keys with many signatures each fill the lanes better with one key in all lanes. A group of
 * keys costs about as much as a column of signatures.
 */
static int better_replicated(size_t keys, size_t per_key) {
    return keys * (1 + (per_key + 7) / 8) < (keys + 7) / 8 * (1 + per_key);
}

VTS_API void vts_verify_batch(const uint8_t *digests, const uint8_t *signatures,
                              const uint8_t *public_keys, uint8_t *verdicts, size_t keys,
                              size_t signatures_per_key) {
    key_workspace w;
    chunk c = {.digests = digests, .signatures = signatures, .verdicts = verdicts};
    if (signatures_per_key == 0) {
        return;
    }
    c.per_key = signatures_per_key;
    c.keys.replicated = better_replicated(keys, signatures_per_key);
    for (c.first_key = 0; c.first_key < keys; c.first_key += c.keys.keys) {
        size_t left = keys - c.first_key, most = c.keys.replicated ? KEY_GROUPS : 8 * KEY_GROUPS;
        c.keys.bytes = public_keys + 33 * c.first_key;
        c.keys.keys = left < most ? left : most;
        verify_chunk(&w, &c);
    }
}
