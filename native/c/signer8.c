#include "signer8.h"

#include <string.h>

#include "wipe.h"

/* Entries that are brought to affine form together. */
enum { SLICE = 32 };

/* Where table words go: word `word` of entry `entry` of window `window`, in units of 64 bits. */
typedef struct {
    uint64_t *words;
    size_t window_stride, entry_stride, word_stride;
    unsigned width, windows;
} layout;

/* An affine point in each lane, canonical. */
typedef struct {
    fe8 x, y;
} affine8;

/* The generator, SEC 2 v2, section 2.4.1. */
static const uint64_t GENERATOR_X[5] = {0x2815b16f81798, 0xdb2dce28d959f, 0xe870b07029bfc,
                                        0xbbac55a06295c, 0x79be667ef9dc};
static const uint64_t GENERATOR_Y[5] = {0x7d08ffb10d4b8, 0x48a68554199c4, 0xe1108a8fd17b4,
                                        0xc4655da4fbfc0, 0x483ada7726a3};

/*
 * Turns `count` sums with true Y into affine points. No ZZZ is zero here: the tables' points are
 * small odd multiples of a point of prime order.
 */
static void to_affine(affine8 *point, const comb8_sum *sum, size_t count) {
    fe8 inverse[SLICE], scratch[SLICE], t;
    for (size_t i = 0; i < count; i++) {
        inverse[i] = sum[i].zzz;
    }
    fe8_inverse_batch(inverse, scratch, count);
    for (size_t i = 0; i < count; i++) {
        fe8_mul(&t, &sum[i].y, &inverse[i]);
        fe8_normalize(&point[i].y, &t);
        fe8_mul(&t, &sum[i].zz, &inverse[i]); /* 1 / z; its square is 1 / ZZ */
        fe8_sqr(&t, &t);
        fe8_mul(&t, &sum[i].x, &t);
        fe8_normalize(&point[i].x, &t);
    }
}

static void from_affine(comb8_sum *sum, const affine8 *point) {
    sum->x = point->x;
    sum->y = point->y;
    fe8_set_one(&sum->zz);
    fe8_set_one(&sum->zzz);
}

/* Explicit-Formulas Database, "XYZZ", dbl-2008-s-1, a = 0. Here y is the true Y, reduced. */
static void double_sum(comb8_sum *sum) {
    fe8 u, v, w, s, m, t;
    fe8_wide wide;
    fe8_add(&u, &sum->y, &sum->y);
    fe8_sqr(&v, &u);
    fe8_mul(&w, &u, &v);
    fe8_mul(&s, &sum->x, &v);
    fe8_wide_square(&wide, &sum->x);
    fe8_fold(&m, &wide, 3);
    fe8_wide_square(&wide, &m);
    fe8_wide_subtract(&wide, &s, 2);
    fe8_fold(&sum->x, &wide, 1);
    fe8_sub(&t, &s, &sum->x);
    fe8_wide_zero(&wide);
    fe8_wide_add_product(&wide, &m, &t);
    fe8_negate(&t, &sum->y);
    fe8_wide_add_product(&wide, &w, &t);
    fe8_fold(&sum->y, &wide, 1);
    fe8_mul(&sum->zz, &sum->zz, &v);
    fe8_mul(&sum->zzz, &sum->zzz, &w);
}

static void store_entries(const layout *table, unsigned first_window, unsigned entry,
                          const __m512i word[8]) {
    uint64_t lane[8];
    for (unsigned j = 0; j < 8; j++) {
        _mm512_storeu_si512(lane, word[j]);
        for (unsigned i = 0; i < 8 && first_window + i < table->windows; i++) {
            table->words[(first_window + i) * table->window_stride + entry * table->entry_stride +
                         j * table->word_stride] = lane[i];
        }
    }
}

/* The odd multiples 1, 3, 5, ... of eight windows' bases, one window in each lane. */
static void build_windows(const layout *table, unsigned first_window, const affine8 *base) {
    comb8_sum slice[SLICE], sum;
    affine8 point[SLICE], twice;
    __m512i word[8];
    comb8_entry step = {.window = {.negative = 0x00}};
    comb8_entry subtract = {.window = {.negative = 0xff}}; /* before it, a sum holds its true Y */
    from_affine(&sum, base);
    double_sum(&sum);
    to_affine(&twice, &sum, 1);
    fe8_pack(step.word, &twice.x);
    fe8_pack(step.word + 4, &twice.y);
    from_affine(&sum, base);
    const unsigned entries = 1U << (table->width - 1);
    for (unsigned entry = 0; entry < entries; entry += SLICE) {
        unsigned count = entries - entry < SLICE ? entries - entry : SLICE;
        for (unsigned i = 0; i < count; i++) {
            slice[i] = sum;
            fe8_negate(&sum.y, &sum.y);
            comb8_add(&sum, &step, &subtract, comb8_none);
            fe8_normalize_weak(&sum.y, &sum.y);
        }
        to_affine(point, slice, count);
        for (unsigned i = 0; i < count; i++) {
            fe8_pack(word, &point[i].x);
            fe8_pack(word + 4, &point[i].y);
            store_entries(table, first_window, entry + i, word);
        }
    }
}

/* All windows: lane i of a group of eight gets 2^(width (8 group + i)) times `base`. */
static void build_table(const layout *table, const affine8 *base) {
    comb8_sum power, group;
    affine8 bases;
    from_affine(&power, base);
    for (unsigned first = 0; first < table->windows; first += 8) {
        group = power;
        for (unsigned i = 0; i < 8; i++) {
            __mmask8 lane = (__mmask8)(1U << i);
            fe8_select(&group.x, &group.x, &power.x, lane);
            fe8_select(&group.y, &group.y, &power.y, lane);
            fe8_select(&group.zz, &group.zz, &power.zz, lane);
            fe8_select(&group.zzz, &group.zzz, &power.zzz, lane);
            for (unsigned k = 0; k < table->width; k++) {
                double_sum(&power);
            }
        }
        to_affine(&bases, &group, 1);
        build_windows(table, first, &bases);
    }
}

/*
 * Canaries: builds with a known leak, which the constant-time check must catch (build.sh
 * constant-time). 1: an address that depends on the nonce. 2: a branch (sign8.c).
 */
static inline __attribute__((always_inline)) void look_up(comb8_entry *entry, int part) {
#if defined(VTS_CANARY) && VTS_CANARY == 1
    uint64_t at[8], lane[8];
    _mm512_storeu_si512(at, entry->window.index);
    for (int i = 0; i < 8; i++) {
        lane[i] = entry->table[(size_t)part * COMB8_PERMUTED + at[i]];
    }
    entry->word[part] = _mm512_loadu_si512(lane);
#else
    comb8_permute(entry, part);
#endif
}

void signer8_multiply(comb8_sum *sum, const signer8 *signer, const scalar8 *k) {
    comb8_digits digits;
    comb8_entry entry[2];
    comb8_recode(&digits, k, SIGN_WIDTH);
    for (unsigned i = 0; i < 2; i++) {
        comb8_aim_permute(&entry[i], signer->nonce[i], comb8_digit(&digits, i, SIGN_WIDTH));
        comb8_fetch_all(&entry[i], look_up);
    }
    comb8_start(sum, &entry[0], &entry[1]);
    for (unsigned i = 1; i + 1 < SIGN_WINDOWS; i++) {
        comb8_entry *next = &entry[(i + 1) & 1];
        comb8_window window = comb8_digit(&digits, i + 1, SIGN_WIDTH);
        comb8_aim_permute(next, signer->nonce[i + 1], window);
        comb8_add(sum, &entry[i & 1], next, look_up);
    }
    /* before an entry to subtract, the sum holds its true Y */
    entry[SIGN_WINDOWS & 1].window.negative = 0xff;
    comb8_add(sum, &entry[(SIGN_WINDOWS - 1) & 1], &entry[SIGN_WINDOWS & 1], comb8_none);
    wipe(&digits, sizeof digits);
    wipe(entry, sizeof entry);
}

/* The secret key's point, and whether public_key33 is its compressed form. */
static int matches(affine8 *point, const signer8 *signer, const uint8_t public_key33[33],
                   const scalar8 *secret) {
    comb8_sum sum;
    uint8_t compressed[33];
    signer8_multiply(&sum, signer, secret);
    fe8_normalize_weak(&sum.y, &sum.y);
    to_affine(point, &sum, 1);
    compressed[0] = (fe8_is_odd(&point->y) & 1) ? 3 : 2;
    scalar8_store_raw(compressed + 1, 32, 1, point->x.v);
    return memcmp(compressed, public_key33, sizeof compressed) == 0;
}

int signer8_init(signer8 *signer, const uint8_t public_key33[33], const uint8_t secret_key32[32]) {
    affine8 generator, key;
    scalar8 secret;
    uint8_t copies[8][32];
    for (int i = 0; i < 8; i++) {
        memcpy(copies[i], secret_key32, 32);
    }
    __mmask8 invalid = scalar8_load(&secret, copies[0], 32, 8);
    invalid |= scalar8_is_zero(&secret);
    wipe(copies, sizeof copies);
    if (invalid) {
        wipe(&secret, sizeof secret);
        return 1;
    }
    fe8_set_constant(&generator.x, GENERATOR_X);
    fe8_set_constant(&generator.y, GENERATOR_Y);
    layout nonce = {signer->nonce[0], 8 * SIGN_ENTRIES, 1, SIGN_ENTRIES, SIGN_WIDTH, SIGN_WINDOWS};
    build_table(&nonce, &generator);
    int matching = matches(&key, signer, public_key33, &secret);
    wipe(&secret, sizeof secret);
    if (!matching) {
        return 2;
    }
    layout check = {signer->generator[0], 8 * CHECK_ENTRIES, 8, 1, CHECK_WIDTH, CHECK_WINDOWS};
    build_table(&check, &generator);
    check.words = signer->key[0];
    build_table(&check, &key);
    memset(signer->public_key, 0, sizeof signer->public_key);
    memcpy(signer->public_key, public_key33, 33);
    return 0;
}
