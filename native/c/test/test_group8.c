/*
 * Points, digits and tables against the big-integer model: doubling and both additions with every
 * special case in every lane, digits put together again, table entries recomputed.
 */
#include "../keys8.h"
#include "model.h"
#include "test_util.h"

static model_number lane_of(const fe8 *a, int lane) {
    __m512i word[4];
    fe8 canonical;
    model_number r;
    fe8_settle(&canonical, a); /* z is a factor */
    fe8_normalize(&canonical, &canonical);
    fe8_pack(word, &canonical);
    for (int i = 0; i < 4; i++) {
        uint64_t column[8];
        _mm512_storeu_si512(column, word[i]);
        r.w[i] = column[lane];
    }
    return r;
}

static fe8 of_lanes(const model_number number[8]) {
    __m512i word[4];
    fe8 r;
    for (int i = 0; i < 4; i++) {
        uint64_t column[8];
        for (int lane = 0; lane < 8; lane++) {
            column[lane] = number[lane].w[i];
        }
        word[i] = _mm512_loadu_si512(column);
    }
    fe8_unpack(&r, word);
    return r;
}

static model_number random_below(const model_number *m) {
    uint8_t bytes[32];
    test_random_bytes(bytes, sizeof bytes);
    return model_reduce(model_from_bytes(bytes), model_small(0), m);
}

/* A few points to draw from; walks on by doubling and adding, so that no two runs are alike. */
static model_point random_point(void) {
    static model_point p = {.infinity = 1};
    if (p.infinity) {
        p = model_point_multiply(MODEL_G, random_below(&MODEL_N));
    }
    p = model_point_add(test_random() & 1 ? model_point_add(p, p) : p, MODEL_G);
    return p;
}

static model_number twice(model_number a) {
    return model_add(a, a, &MODEL_P);
}

/* Jacobian with a random z; negated lanes hold the negative. */
static gej8_sum sum_of(const model_point point[8], __mmask8 negated) {
    model_number x[8], w[8], z[8];
    gej8_sum r = {.negated = negated, .started = 0};
    for (int lane = 0; lane < 8; lane++) {
        const model_number *p = &MODEL_P;
        model_point q = negated >> lane & 1 ? model_point_negate(point[lane]) : point[lane];
        do {
            z[lane] = random_below(p);
        } while (model_is_zero(&z[lane]));
        model_number zz = model_mul(z[lane], z[lane], p), zzz = model_mul(zz, z[lane], p);
        x[lane] = q.infinity ? random_below(p) : model_mul(q.x, zz, p);
        w[lane] = q.infinity ? random_below(p) : model_mul(twice(q.y), zzz, p);
        r.started |= (__mmask8)(!q.infinity << lane);
    }
    r.x = of_lanes(x);
    r.w = of_lanes(w);
    r.z = of_lanes(z);
    return r;
}

static void check_sum(const gej8_sum *sum, int lane, model_point expected, const char *what) {
    const model_number *p = &MODEL_P;
    CHECK((sum->started >> lane & 1) == !expected.infinity, "%s: infinity, lane %d", what, lane);
    if (expected.infinity) {
        return;
    }
    model_number z = lane_of(&sum->z, lane), zz = model_mul(z, z, p);
    model_number x = model_mul(expected.x, zz, p), y = expected.y;
    CHECK(!model_is_zero(&z), "%s: z, lane %d", what, lane);
    if (sum->negated >> lane & 1) {
        y = model_negate(y, p);
    }
    model_number w = model_mul(twice(y), model_mul(zz, z, p), p);
    model_number got_x = lane_of(&sum->x, lane), got_w = lane_of(&sum->w, lane);
    CHECK(model_compare(&got_x, &x) == 0, "%s: x, lane %d", what, lane);
    CHECK(model_compare(&got_w, &w) == 0, "%s: w, lane %d", what, lane);
}

/* Lanes: ordinary, equal, opposite, from infinity, inactive, in random places. */
static void test_additions(void) {
    model_point point[2][8], other[2][8];
    model_number minus_x[8], w[8];
    gej8_sum sum[2], fast[2], complete[2];
    ge8_addend addend[2];
    fe8 addend_x[2], addend_w[2];
    int kind[2][8];
    for (int s = 0; s < 2; s++) {
        addend[s].active = 0xff;
        addend[s].negative = (__mmask8)test_random();
        for (int lane = 0; lane < 8; lane++) {
            int minus = addend[s].negative >> lane & 1;
            kind[s][lane] = (int)(test_random() % 6);
            point[s][lane] = random_point();
            other[s][lane] = kind[s][lane] == 1   ? point[s][lane]
                             : kind[s][lane] == 2 ? model_point_negate(point[s][lane])
                                                  : random_point();
            point[s][lane].infinity = kind[s][lane] == 3;
            addend[s].active &= (__mmask8) ~((kind[s][lane] == 4) << lane);
            model_point entry = minus ? model_point_negate(other[s][lane]) : other[s][lane];
            minus_x[lane] = model_negate(entry.x, &MODEL_P);
            w[lane] = twice(entry.y);
        }
        addend_x[s] = of_lanes(minus_x);
        addend_w[s] = of_lanes(w);
        addend[s].minus_x = &addend_x[s];
        addend[s].w = &addend_w[s];
        sum[s] = sum_of(point[s], (__mmask8)test_random());
        fast[s] = complete[s] = sum[s];
    }
    gej8_double(sum);
    gej8_add_fast(fast, addend);
    gej8_add_complete(complete, addend);
    for (int s = 0; s < 2; s++) {
        fe8 z;
        fe8_settle(&z, &fast[s].z);
        __mmask8 zero = fe8_is_zero(&z) & fast[s].started;
        for (int lane = 0; lane < 8; lane++) {
            model_point expected = kind[s][lane] == 4
                                       ? point[s][lane]
                                       : model_point_add(point[s][lane], other[s][lane]);
            check_sum(&sum[s], lane, model_point_add(point[s][lane], point[s][lane]), "double");
            check_sum(&complete[s], lane, expected, "complete addition");
            int meets = kind[s][lane] == 1 || kind[s][lane] == 2;
            CHECK((zero >> lane & 1) == meets, "fast addition leaves z = 0, lane %d", lane);
            if (!meets) {
                check_sum(&fast[s], lane, expected, "fast addition");
            }
        }
    }
    gej8_double(fast); /* z stays zero */
    gej8_add_fast(fast, addend);
    for (int s = 0; s < 2; s++) {
        fe8 z;
        fe8_settle(&z, &fast[s].z);
        __mmask8 zero = fe8_is_zero(&z);
        for (int lane = 0; lane < 8; lane++) {
            if (kind[s][lane] == 1 || kind[s][lane] == 2) {
                CHECK(zero >> lane & 1, "z stays zero, lane %d", lane);
            }
        }
    }
}

/* What the key table's points are multiples of Q by, modulo n; lambda turns them. */
static model_number entry_multiple(int k, int turn) {
    const model_number *n = &MODEL_N;
    model_number r = model_small(1);
    if (k > 0) {
        const key_chain_step *step = &KEY_CHAIN[k];
        model_number b = entry_multiple(step->b, step->b_turn);
        r = model_add(entry_multiple(step->a, step->a_turn),
                      step->b_negative ? model_negate(b, n) : b, n);
    }
    for (; turn > 0; turn--) {
        r = model_mul(r, MODEL_LAMBDA, n);
    }
    return r;
}

static void test_digits(void) {
    static const uint64_t EDGE[] = {0, 1, 2, 7, 8, 0x7fff, 0x8000, 0x8001, 0xffff};
    const model_number *n = &MODEL_N;
    static model_number multiple[KEY_TABLE_POINTS][3];
    model_number number[8];
    uint8_t bytes[256];
    scalar8 u;
    digits8 d;
    if (model_is_zero(&multiple[0][0])) {
        for (int i = 0; i < 3 * KEY_TABLE_POINTS; i++) {
            multiple[i / 3][i % 3] = entry_multiple(i / 3, i % 3);
        }
    }
    for (int lane = 0; lane < 8; lane++) {
        number[lane] = random_below(n);
        if (test_random() % 4 == 0) {
            number[lane] = model_small(EDGE[test_random() % (sizeof EDGE / sizeof *EDGE)]);
            number[lane] = test_random() & 1 ? model_negate(number[lane], n) : number[lane];
            if (test_random() & 1) {
                number[lane] = model_mul(number[lane], MODEL_LAMBDA, n);
            }
        }
        model_to_bytes(bytes + 32 * lane, &number[lane]);
    }
    (void)scalar8_load(&u, bytes, 32, 8);
    digits8_of_key_scalar(&d, &u);
    digits8_of_g_scalar(&d, &u);
    for (int lane = 0; lane < 8; lane++) {
        model_number key = model_small(0), g = model_small(0);
        for (int i = KEY_DIGITS - 1; i >= 0; i--) {
            uint32_t slot = (d.x[i][lane] - (uint32_t)lane * KEY_LANE_BYTES) / 32;
            CHECK(slot / 4 < KEY_TABLE_POINTS && slot % 4 < 3, "slot %u", slot);
            model_number digit = d.x_active[i] >> lane & 1 ? multiple[slot / 4][slot % 4]
                                                           : model_small(0);
            digit = d.x_negative[i] >> lane & 1 ? model_negate(digit, n) : digit;
            key = model_add(model_mul(key, model_small(8), n), digit, n);
        }
        for (int i = G_DIGITS - 1; i >= 0; i--) {
            CHECK(d.g[i][lane] < GTABLE_BASE_BYTES, "entry");
            model_number digit = model_small(0);
            if (d.g_active[i] >> lane & 1) {
                digit = model_small(d.g[i][lane] / GTABLE_ENTRY_BYTES + 1);
            }
            digit = d.g_negative[i] >> lane & 1 ? model_negate(digit, n) : digit;
            g = model_add(model_mul(g, model_small(65536), n), digit, n);
        }
        CHECK(model_compare(&key, &number[lane]) == 0, "key digits, lane %d", lane);
        CHECK(model_compare(&g, &number[lane]) == 0, "generator's digits, lane %d", lane);
    }
}

static void check_packed(const uint8_t *at, model_number expected, const char *what) {
    model_number got;
    memcpy(got.w, at, 32);
    got = model_reduce(got, model_small(0), &MODEL_P);
    CHECK(model_compare(&got, &expected) == 0, "%s", what);
}

static void check_g_entry(size_t base, size_t k) {
    model_number factor = model_small(k), shift = model_small(0);
    shift.w[base] = 1;
    model_point expected = model_point_multiply(MODEL_G, model_mul(factor, shift, &MODEL_N));
    const uint8_t *entry = vts_gtable + base * GTABLE_BASE_BYTES + (k - 1) * GTABLE_ENTRY_BYTES;
    check_packed(entry, model_negate(expected.x, &MODEL_P), "generator's table, x");
    check_packed(entry + GTABLE_W_BIT, twice(expected.y), "generator's table, w");
}

static void test_g_table(void) {
    for (size_t base = 0; base < GTABLE_BASES; base++) {
        check_g_entry(base, 1);
        check_g_entry(base, 8);
        check_g_entry(base, 9);
        check_g_entry(base, GTABLE_ENTRIES);
        for (int i = 0; i < 4; i++) {
            check_g_entry(base, 1 + test_random() % GTABLE_ENTRIES);
        }
    }
}

/* All entries of one lane, of one key among many. */
static void test_key_tables(int replicated) {
    static key_workspace w;
    static uint8_t bytes[8 * KEY_GROUPS][33];
    const model_number *n = &MODEL_N;
    size_t keys = 1 + test_random() % (replicated ? KEY_GROUPS : 8 * KEY_GROUPS);
    size_t which = test_random() % keys;
    model_point q = random_point();
    for (size_t i = 0; i < keys; i++) {
        model_point other = i == which ? q : random_point();
        bytes[i][0] = (uint8_t)(2 + (other.y.w[0] & 1));
        model_to_bytes(bytes[i] + 1, &other.x);
    }
    keys8_source source = {bytes[0], keys, replicated};
    keys8_prepare(&w, &source);
    size_t group = replicated ? which : which / 8;
    size_t lane = replicated ? test_random() % 8 : which % 8;
    CHECK(w.valid[group] >> lane & 1, "valid");
    for (int half = 0; half < KEY_HALVES; half++) {
        model_number scale = model_small(1);
        scale.w[1] = half ? 4 : 0; /* 2^66 */
        scale.w[0] = half ? 0 : 1;
        for (int k = 0; k < KEY_TABLE_POINTS; k++) {
            const uint8_t *entry = w.tables[group].half[half] + lane * KEY_LANE_BYTES +
                                   (size_t)k * KEY_ENTRY_BYTES;
            model_point expected =
                model_point_multiply(q, model_mul(entry_multiple(k, 0), scale, n));
            for (int turn = 0; turn < 3; turn++) {
                check_packed(entry + 32 * turn, model_negate(expected.x, &MODEL_P), "key table, x");
                expected.x = model_mul(expected.x, MODEL_BETA, &MODEL_P);
            }
            check_packed(entry + KEY_W_BIT, twice(expected.y), "key table, w");
        }
    }
}

int main(void) {
    test_start("group8");
    CHECK(vts_gtable_build() == 0, "memory");
    for (size_t i = test_cases(200); i > 0; i--) {
        test_additions();
    }
    for (size_t i = test_cases(1000); i > 0; i--) {
        test_digits();
    }
    test_g_table();
    test_key_tables(0);
    test_key_tables(1);
    return test_end("group8");
}
