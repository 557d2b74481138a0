/*
 * Field functions against the big-integer model: random limbs, and the extremes of every stated
 * bound (all limbs at their largest, at zero, around p and 2 p), in every lane.
 */
#include "../inverse8.h"
#include "model.h"
#include "test_util.h"

enum { REDUCED, OPERAND };

/* Limbs of eight elements, lane by lane. */
typedef struct {
    uint64_t limb[8][5];
} lanes;

static const uint64_t TOP[2] = {(1ULL << 48) + (1ULL << 16) - 1, (1ULL << 52) - 1};

static uint64_t draw_limb(uint64_t largest) {
    switch (test_random() % 6) {
        case 0:
            return largest;
        case 1:
            return 0;
        case 2:
            return largest - test_random() % 8;
        default:
            return test_random() % (largest + 1);
    }
}

static void draw(lanes *a, int form) {
    for (int lane = 0; lane < 8; lane++) {
        uint64_t kind = test_random() % 8;
        for (int i = 0; i < 5; i++) {
            uint64_t largest = i < 4 ? FE8_LIMB : TOP[form];
            a->limb[lane][i] = kind == 0 ? largest : draw_limb(largest);
        }
        if (kind == 1) { /* around p: p - 2 .. p + 2, the low limb of p leaves the room */
            memcpy(a->limb[lane], FE8_P, sizeof FE8_P);
            a->limb[lane][0] += test_random() % 5 - 2;
        } else if (kind == 2) { /* small */
            memset(a->limb[lane], 0, sizeof a->limb[lane]);
            a->limb[lane][0] = test_random() % 3;
        }
    }
}

static fe8 load(const lanes *a) {
    fe8 r;
    for (int i = 0; i < 5; i++) {
        uint64_t column[8];
        for (int lane = 0; lane < 8; lane++) {
            column[lane] = a->limb[lane][i];
        }
        r.v[i] = _mm512_loadu_si512(column);
    }
    return r;
}

static model_number value(const fe8 *a, int lane) {
    model_number lo = model_small(0), hi = model_small(0);
    for (int i = 0; i < 5; i++) {
        uint64_t column[8];
        _mm512_storeu_si512(column, a->v[i]);
        model_number term = model_small(0);
        int bit = 52 * i;
        term.w[bit / 64] = column[lane] << bit % 64;
        if (bit % 64 && bit / 64 < 3) {
            term.w[bit / 64 + 1] = column[lane] >> (64 - bit % 64);
        } else if (bit % 64) {
            hi.w[0] += column[lane] >> (64 - bit % 64);
        }
        hi.w[0] += model_add_words(&lo, &lo, &term);
    }
    return model_reduce(lo, hi, &MODEL_P);
}

static void check_bound(const fe8 *r, uint64_t top, const char *what) {
    for (int i = 0; i < 5; i++) {
        uint64_t column[8];
        _mm512_storeu_si512(column, r->v[i]);
        for (int lane = 0; lane < 8; lane++) {
            CHECK(column[lane] <= (i < 4 ? FE8_LIMB : top), "%s limb %d lane %d: %llx", what, i,
                  lane, (unsigned long long)column[lane]);
        }
    }
}

static void same(const fe8 *r, int lane, model_number expected, const char *what) {
    model_number got = value(r, lane);
    CHECK(model_compare(&got, &expected) == 0, "%s, lane %d", what, lane);
}

static void test_products(void) {
    lanes la, lb, lc, ld;
    draw(&la, OPERAND), draw(&lb, OPERAND), draw(&lc, REDUCED), draw(&ld, REDUCED);
    fe8 a = load(&la), b = load(&lb), c = load(&lc), d = load(&ld), product, square, sum, squares;
    fe8 scaled[5], flipped;
    __mmask8 negative = (__mmask8)test_random();
    fe8_wide w;
    fe8_mul(&product, &a, &b);
    fe8_sqr(&square, &a);
    fe8_wide_negated(&w, &c, 2);
    fe8_wide_add_product(&w, &c, &d);
    fe8_wide_add_product(&w, &d, &d);
    fe8_wide_add(&w, &d);
    fe8_fold(&sum, &w, 1);
    for (int scale = 2; scale <= 4; scale++) {
        fe8_fold(&scaled[scale], &w, scale);
    }
    fe8_fold_signed(&flipped, &w, negative);
    fe8_wide_square(&w, &c);
    fe8_wide_add_product(&w, &c, &d);
    fe8_wide_subtract(&w, &d, 2);
    fe8_wide_subtract(&w, &c, 1);
    fe8_fold(&squares, &w, 1);
    check_bound(&product, TOP[REDUCED], "mul");
    check_bound(&square, TOP[REDUCED], "sqr");
    check_bound(&scaled[4], TOP[REDUCED], "fold 4");
    for (int lane = 0; lane < 8; lane++) {
        const model_number *p = &MODEL_P;
        model_number x = value(&a, lane), y = value(&b, lane), u = value(&c, lane),
                     v = value(&d, lane);
        same(&product, lane, model_mul(x, y, p), "mul");
        same(&square, lane, model_mul(x, x, p), "sqr");
        model_number uv = model_mul(u, v, p), vv = model_mul(v, v, p), uu = model_mul(u, u, p);
        model_number total = model_add(model_add(uv, vv, p), v, p);
        total = model_sub(model_sub(total, u, p), u, p);
        same(&sum, lane, total, "sum of products");
        for (int scale = 2; scale <= 4; scale++) {
            same(&scaled[scale], lane, model_mul(total, model_small((uint64_t)scale), p), "scaled");
        }
        same(&flipped, lane, negative >> lane & 1 ? model_negate(total, p) : total, "signed");
        total = model_sub(model_sub(model_add(uu, uv, p), v, p), v, p);
        same(&squares, lane, model_sub(total, u, p), "square plus product");
    }
}

/* Factors and terms: terms with limbs far above 2^52, as fold_term and its callers may see them. */
static void test_factors_and_terms(void) {
    lanes la, lb, lc, lt;
    draw(&la, OPERAND), draw(&lb, OPERAND), draw(&lc, REDUCED), draw(&lt, REDUCED);
    for (int lane = 0; lane < 8; lane++) {
        for (int i = 0; i < 5; i++) {
            lt.limb[lane][i] = draw_limb(i < 4 ? (1ULL << 58) - 1 : FE8_TOP);
        }
    }
    fe8 a = load(&la), b = load(&lb), c = load(&lc), term = load(&lt);
    fe8 product, square, once, twice, less[3], made, scaled, flipped, chain;
    __mmask8 negative = (__mmask8)test_random();
    fe8_wide w;
    fe8_mul_factor(&product, &a, &b);
    fe8_settle(&product, &product);
    fe8_sqr_factor(&square, &a);
    fe8_sqr_factor(&chain, &square);
    fe8_settle(&chain, &chain);
    fe8_settle(&square, &square);
    fe8_sub_term(&once, &c, &term, 1);
    fe8_sub_term(&twice, &c, &term, 2);
    fe8_settle(&once, &once);
    fe8_settle(&twice, &twice);
    for (int m = 1; m <= 2; m++) {
        fe8_wide_square(&w, &a);
        fe8_wide_subtract_term(&w, &term, m);
        fe8_wide_add(&w, &c);
        fe8_fold(&less[m], &w, 1);
    }
    fe8_wide_zero(&w);
    fe8_wide_add_product(&w, &a, &b);
    fe8_fold_factor(&scaled, &w, 4);
    fe8_settle(&scaled, &scaled);
    fe8_fold_signed_factor(&flipped, &w, negative);
    fe8_settle(&flipped, &flipped);
    fe8_mul_term(&made, &a, &b);
    check_bound(&product, TOP[REDUCED], "factor");
    check_bound(&once, (1ULL << 50) - 1, "sub_term");
    check_bound(&twice, (1ULL << 51) - 1, "sub_term, twice");
    check_bound(&less[2], TOP[REDUCED], "square minus term");
    for (int lane = 0; lane < 8; lane++) {
        const model_number *p = &MODEL_P;
        model_number x = value(&a, lane), y = value(&b, lane), z = value(&c, lane);
        model_number t = value(&term, lane), xy = model_mul(x, y, p), xx = model_mul(x, x, p);
        model_number difference = model_sub(z, t, p);
        same(&product, lane, xy, "mul_factor");
        same(&made, lane, xy, "mul_term");
        same(&square, lane, xx, "sqr_factor");
        same(&chain, lane, model_mul(xx, xx, p), "square of a factor");
        same(&once, lane, difference, "sub_term");
        same(&twice, lane, model_add(difference, difference, p), "sub_term, twice");
        same(&less[1], lane, model_add(model_sub(xx, t, p), z, p), "square minus term");
        same(&less[2], lane, model_add(model_sub(model_sub(xx, t, p), t, p), z, p), "minus 2");
        same(&scaled, lane, model_mul(xy, model_small(4), p), "fold_factor");
        same(&flipped, lane, negative >> lane & 1 ? model_negate(xy, p) : xy, "signed factor");
    }
}

static void test_sums(void) {
    lanes la, lb, lw;
    draw(&la, REDUCED), draw(&lb, REDUCED), draw(&lw, OPERAND);
    fe8 a = load(&la), b = load(&lb), wide = load(&lw), sum, difference, twice, minus, weak, full;
    fe8_add(&sum, &a, &b);
    fe8_sub(&difference, &a, &b);
    fe8_sub_double(&twice, &a, &b);
    fe8_negate(&minus, &a);
    fe8_normalize_weak(&weak, &wide);
    fe8_normalize(&full, &wide);
    check_bound(&sum, (1ULL << 50) - 1, "add");
    check_bound(&difference, (1ULL << 50) - 1, "sub");
    check_bound(&twice, (1ULL << 51) - 1, "sub_double");
    check_bound(&minus, (1ULL << 49) - 1, "negate");
    check_bound(&weak, TOP[REDUCED], "weak");
    __mmask8 zero = fe8_is_zero(&wide), equal = fe8_equal(&a, &b), self = fe8_equal(&a, &a);
    CHECK(self == 0xff, "equal to itself");
    __m512i words[4];
    fe8 unpacked;
    fe8_pack(words, &full);
    fe8_unpack(&unpacked, words);
    for (int lane = 0; lane < 8; lane++) {
        const model_number *p = &MODEL_P;
        model_number x = value(&a, lane), y = value(&b, lane), z = value(&wide, lane);
        model_number delta = model_sub(x, y, p);
        same(&sum, lane, model_add(x, y, p), "add");
        same(&difference, lane, delta, "sub");
        same(&twice, lane, model_add(delta, delta, p), "sub_double");
        same(&minus, lane, model_negate(x, p), "negate");
        same(&weak, lane, z, "normalize_weak");
        same(&full, lane, z, "normalize");
        CHECK((zero >> lane & 1) == model_is_zero(&z), "is_zero lane %d", lane);
        CHECK((equal >> lane & 1) == model_is_zero(&delta), "equal lane %d", lane);
        for (int i = 0; i < 4; i++) {
            uint64_t column[8];
            _mm512_storeu_si512(column, words[i]);
            CHECK(column[lane] == z.w[i], "pack is canonical, lane %d", lane);
        }
        same(&unpacked, lane, z, "unpack");
    }
}

static void test_powers(void) {
    enum { COUNT = 9 };
    fe8 a[COUNT], inverse[COUNT], scratch[COUNT], root[2], single;
    for (int i = 0; i < COUNT; i++) {
        lanes la;
        do {
            draw(&la, REDUCED);
            a[i] = load(&la);
        } while (fe8_is_zero(&a[i]));
        inverse[i] = a[i];
    }
    fe8_inverse_batch(inverse, scratch, COUNT);
    fe8 public[COUNT];
    memcpy(public, a, sizeof a);
    size_t count = 1 + test_random() % COUNT;
    fe8_inverse_batch_public_var(public, scratch, count);
    scalar8 number[COUNT], number_inverse[COUNT], scalar_scratch[COUNT];
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[256];
        do {
            test_random_bytes(bytes, sizeof bytes);
            (void)scalar8_load(&number[i], bytes, 32, 8);
        } while (scalar8_is_zero(&number[i]));
        number_inverse[i] = number[i];
    }
    scalar8_inverse_batch_public_var(number_inverse, scalar_scratch, count);
    scalar8 scalar_one;
    scalar8_set_one(&scalar_one);
    for (size_t i = 0; i < count; i++) {
        fe8 difference;
        fe8_sub(&difference, &public[i], &inverse[i]);
        CHECK(fe8_is_zero(&difference) == 0xff, "inverse_batch_public_var %zu of %zu", i, count);
        scalar8_mul(&number[i], &number[i], &number_inverse[i]);
        CHECK(scalar8_equal(&number[i], &scalar_one) == 0xff, "scalar inverse %zu", i);
    }
    fe8_sqrt_candidate_pair(root, a);
    fe8_sqrt_candidate(&single, &a[0]);
    for (int lane = 0; lane < 8; lane++) {
        for (int i = 0; i < COUNT; i++) {
            same(&inverse[i], lane, model_inverse(value(&a[i], lane), &MODEL_P), "inverse_batch");
        }
        for (int i = 0; i < 2; i++) {
            model_number r;
            model_sqrt(&r, value(&a[i], lane));
            same(&root[i], lane, r, "sqrt");
        }
        model_number r;
        model_sqrt(&r, value(&a[0], lane));
        same(&single, lane, r, "sqrt single");
    }
    fe8 zero;
    fe8_set_zero(&zero);
    fe8_inverse(&single, &zero);
    CHECK(fe8_is_zero(&single) == 0xff, "inverse of zero");
}

/* The scalar inversion alone: small, large and random numbers, both moduli. */
static void test_modinv(void) {
    const modinv_modulus *modulus[2] = {&MODINV_P, &MODINV_N};
    const model_number *m[2] = {&MODEL_P, &MODEL_N};
    for (int which = 0; which < 2; which++) {
        uint8_t bytes[32];
        test_random_bytes(bytes, sizeof bytes);
        model_number a = model_from_bytes(bytes), small = model_small(test_random() % 5);
        a = test_random() % 4 ? model_reduce(a, model_small(0), m[which]) : small;
        if (test_random() & 1) {
            a = model_negate(a, m[which]);
        }
        model_number r = a;
        modinv(r.w, modulus[which]);
        CHECK(model_compare(&r, m[which]) < 0, "modinv is reduced");
        model_number product = model_mul(a, r, m[which]), one = model_small(!model_is_zero(&a));
        CHECK(model_compare(&product, &one) == 0, "modinv");
    }
}

int main(void) {
    test_start("field8");
    for (size_t i = test_cases(20000); i > 0; i--) {
        test_products();
        test_factors_and_terms();
        test_sums();
        test_modinv();
    }
    for (size_t i = test_cases(50); i > 0; i--) {
        test_powers();
    }
    return test_end("field8");
}
