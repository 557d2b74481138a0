/*
 * scalar8.h against a plain big-integer model: schoolbook arithmetic on 32-bit words, reduction one
 * bit at a time.
 */
#include "../inverse8_secret.h"
#include "test_util.h"

#define WORDS 17 /* 544 bits: a 512-bit product and a shift */

typedef struct {
    uint32_t w[WORDS];
} big;

static big N, LAMBDA;

static int big_compare(const big *a, const big *b) {
    for (int i = WORDS - 1; i >= 0; i--) {
        if (a->w[i] != b->w[i]) {
            return a->w[i] < b->w[i] ? -1 : 1;
        }
    }
    return 0;
}

static big big_add(const big *a, const big *b) {
    big r;
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        carry += (uint64_t)a->w[i] + b->w[i];
        r.w[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return r;
}

static big big_subtract(const big *a, const big *b) {
    big r;
    int64_t borrow = 0;
    for (int i = 0; i < WORDS; i++) {
        borrow += (int64_t)a->w[i] - b->w[i];
        r.w[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    return r;
}

static big big_mod(const big *a) {
    big r = {{0}};
    for (int bit = 32 * WORDS - 1; bit >= 0; bit--) {
        r = big_add(&r, &r);
        r.w[0] |= a->w[bit / 32] >> bit % 32 & 1;
        if (big_compare(&r, &N) >= 0) {
            r = big_subtract(&r, &N);
        }
    }
    return r;
}

static big big_mul(const big *a, const big *b) {
    big r = {{0}};
    for (int i = 0; i < 8; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < 8; j++) {
            carry += (uint64_t)a->w[i] * b->w[j] + r.w[i + j];
            r.w[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        r.w[i + 8] = (uint32_t)carry;
    }
    return r;
}

static big big_from(const uint8_t bytes[32]) {
    big r = {{0}};
    for (int i = 0; i < 32; i++) {
        r.w[i / 4] |= (uint32_t)bytes[31 - i] << 8 * (i % 4);
    }
    return r;
}

static void big_to(uint8_t bytes[32], const big *a) {
    for (int i = 0; i < 32; i++) {
        bytes[31 - i] = (uint8_t)(a->w[i / 4] >> 8 * (i % 4));
    }
}

/*
 * Numbers at which something changes: 0, 1, 2, half the order, the order, 2^256, limb borders,
 * lattice bounds; give or take two.
 */
static const char *const EDGES[] = {
    "0000000000000000000000000000000000000000000000000000000000000002",
    "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0",
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd",
    "0000000000000000000000000000000000000000000000000010000000000000",
    "0000000000000000000000000000000000000100000000000000000000000000",
    "0000000000000000000000001000000000000000000000000000000000000000",
    "0000000000010000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000100000000000000000000000000000000",
    "000000000000000000000000000000014551231950b75fc4402da1732fc9bebf",
    "5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72",
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbf00000000000000",
    "8000000000000000000000000000000000000000000000000000000000000000"};

static void draw(uint8_t bytes[32]) {
    if ((test_random() & 7) != 0) {
        test_random_bytes(bytes, 32);
        return;
    }
    test_from_hex(bytes, EDGES[test_random() % (sizeof EDGES / sizeof EDGES[0])]);
    big value = big_from(bytes), delta = {{(uint32_t)(test_random() % 3)}};
    value = (test_random() & 1) ? big_add(&value, &delta) : big_subtract(&value, &delta);
    big_to(bytes, &value);
}

static void expect(const scalar8 *r, int lane, const big *want, const char *what) {
    uint8_t got[8 * 32], bytes[32];
    scalar8_store(got, 32, 8, r);
    big_to(bytes, want);
    CHECK(memcmp(got + 32 * lane, bytes, 32) == 0, "%s lane %d got %s want %s", what, lane,
          test_hex(got + 32 * lane, 32),
          test_hex(bytes, 32));
}

static big half_value(const scalar8_half *half, int lane) {
    uint64_t lo[8], hi[8];
    _mm512_storeu_si512(lo, half->lo);
    _mm512_storeu_si512(hi, half->hi);
    big r = {{(uint32_t)lo[lane], (uint32_t)(lo[lane] >> 32), (uint32_t)hi[lane],
              (uint32_t)(hi[lane] >> 32)}};
    if (half->negative >> lane & 1) {
        r = big_subtract(&N, &r);
    }
    return big_mod(&r);
}

static void should_agree_with_the_model(void) {
    uint8_t a_bytes[8 * 40], b_bytes[8 * 32];
    for (int i = 0; i < 8; i++) {
        draw(a_bytes + 40 * i);
        draw(b_bytes + 32 * i);
    }
    scalar8 a, b, sum, product, square, negated, selected;
    scalar8_half k1, k2;
    __mmask8 over_a = scalar8_load(&a, a_bytes, 40, 8), over_b = scalar8_load(&b, b_bytes, 32, 8);
    __mmask8 lanes = (__mmask8)test_random();
    scalar8_add(&sum, &a, &b);
    scalar8_mul(&product, &a, &b);
    scalar8_sqr(&square, &a);
    scalar8_negate_lanes(&negated, &a, lanes);
    scalar8_select(&selected, &a, &b, lanes);
    scalar8_split_lambda(&k1, &k2, &a);
    __mmask8 zero = scalar8_is_zero(&a), high = scalar8_is_high(&a), equal = scalar8_equal(&a, &b);
    for (int i = 0; i < 8; i++) {
        big raw_a = big_from(a_bytes + 40 * i), raw_b = big_from(b_bytes + 32 * i), none = {{0}};
        big x = big_mod(&raw_a), y = big_mod(&raw_b), t = big_add(&x, &y);
        CHECK((over_a >> i & 1) == (big_compare(&raw_a, &N) >= 0), "lane %d", i);
        CHECK((over_b >> i & 1) == (big_compare(&raw_b, &N) >= 0), "lane %d", i);
        CHECK((zero >> i & 1) == (big_compare(&x, &none) == 0), "lane %d", i);
        CHECK((equal >> i & 1) == (big_compare(&x, &y) == 0), "lane %d", i);
        big twice = big_add(&x, &x);
        CHECK((high >> i & 1) == (big_compare(&twice, &N) > 0), "lane %d", i);
        expect(&a, i, &x, "load");
        t = big_mod(&t);
        expect(&sum, i, &t, "add");
        t = big_mul(&x, &y);
        t = big_mod(&t);
        expect(&product, i, &t, "mul");
        t = big_mul(&x, &x);
        t = big_mod(&t);
        expect(&square, i, &t, "sqr");
        t = big_subtract(&N, &x);
        t = (lanes >> i & 1) ? big_mod(&t) : x;
        expect(&negated, i, &t, "negate");
        expect(&selected, i, (lanes >> i & 1) ? &y : &x, "select");
        big v1 = half_value(&k1, i), v2 = half_value(&k2, i);
        t = big_mul(&v2, &LAMBDA);
        t = big_mod(&t);
        t = big_add(&t, &v1);
        t = big_mod(&t);
        expect(&a, i, &t, "split");
    }
}

static void should_invert_batches_of_every_size(void) {
    enum { MAX = 9 };
    scalar8 a[MAX], inverse[MAX], scratch[MAX], product;
    for (size_t count = 0; count <= MAX; count++) {
        for (size_t k = 0; k < count; k++) {
            uint8_t bytes[8 * 32];
            for (int i = 0; i < 8; i++) {
                draw(bytes + 32 * i);
            }
            scalar8_load(&a[k], bytes, 32, 8);
            inverse[k] = a[k];
        }
        scalar8_inverse_batch_secret(inverse, scratch, count);
        for (size_t k = 0; k < count; k++) {
            scalar8_mul(&product, &a[k], &inverse[k]);
            for (int i = 0; i < 8; i++) {
                big want = {{(uint32_t)(~scalar8_is_zero(&a[k]) >> i & 1)}};
                expect(&product, i, &want, "inverse");
            }
            CHECK(scalar8_is_zero(&a[k]) == scalar8_is_zero(&inverse[k]), "count %zu", count);
        }
    }
}

static void should_load_and_store_partial_lanes(void) {
    for (unsigned lanes = 1; lanes <= 8; lanes++) {
        uint8_t in[8 * 33], out[8 * 33];
        test_random_bytes(in, sizeof in);
        for (unsigned i = 0; i < 8; i++) {
            in[33 * i] &= 0x7f; /* below n */
        }
        memset(out, 0xa5, sizeof out);
        scalar8 a;
        CHECK(scalar8_load(&a, in, 33, lanes) == 0, "lanes %u", lanes);
        scalar8_store(out, 33, lanes, &a);
        for (unsigned i = 0; i < 8; i++) {
            for (unsigned k = 0; k < 33; k++) {
                uint8_t want = i < lanes && k < 32 ? in[33 * i + k] : 0xa5;
                CHECK(out[33 * i + k] == want, "lanes %u lane %u byte %u", lanes, i, k);
            }
        }
        CHECK((scalar8_is_zero(&a) | ((1U << lanes) - 1)) == 0xff, "lanes %u", lanes);
    }
}

int main(void) {
    uint8_t bytes[32];
    test_start("test_scalar8");
    test_from_hex(bytes, EDGES[2]);
    N = big_from(bytes);
    test_from_hex(bytes, EDGES[10]);
    LAMBDA = big_from(bytes);
    for (size_t i = 0, cases = test_cases(2000); i < cases; i++) {
        should_agree_with_the_model();
    }
    for (size_t i = 0, cases = test_cases(20); i < cases; i++) {
        should_invert_batches_of_every_size();
    }
    should_load_and_store_partial_lanes();
    return test_end("test_scalar8");
}
