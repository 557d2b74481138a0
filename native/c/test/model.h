/*
 * A big-integer model of the field and the curve to test against: plain schoolbook arithmetic on
 * four 64-bit words, affine points, no cleverness shared with the kernel.
 */
#ifndef VTS_TEST_MODEL_H
#define VTS_TEST_MODEL_H

#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 model_u128;

typedef struct {
    uint64_t w[4]; /* little-endian words */
} model_number;

typedef struct {
    model_number x, y;
    int infinity;
} model_point;

static const model_number MODEL_P = {{0xfffffffefffffc2f, ~0ULL, ~0ULL, ~0ULL}};
static const model_number MODEL_N = {
    {0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe, ~0ULL}};
static const model_point MODEL_G = {
    {{0x59f2815b16f81798, 0x029bfcdb2dce28d9, 0x55a06295ce870b07, 0x79be667ef9dcbbac}},
    {{0x9c47d08ffb10d4b8, 0xfd17b448a6855419, 0x5da4fbfc0e1108a8, 0x483ada7726a3c465}},
    0};
static const model_number MODEL_BETA = {
    {0xc1396c28719501ee, 0x9cf0497512f58995, 0x6e64479eac3434e9, 0x7ae96a2b657c0710}};
static const model_number MODEL_LAMBDA = {
    {0xdf02967c1b23bd72, 0x122e22ea20816678, 0xa5261c028812645a, 0x5363ad4cc05c30e0}};

static inline int model_compare(const model_number *a, const model_number *b) {
    for (int i = 3; i >= 0; i--) {
        if (a->w[i] != b->w[i]) {
            return a->w[i] < b->w[i] ? -1 : 1;
        }
    }
    return 0;
}

static inline model_number model_small(uint64_t x) {
    model_number r = {{x, 0, 0, 0}};
    return r;
}

static inline int model_is_zero(const model_number *a) {
    return (a->w[0] | a->w[1] | a->w[2] | a->w[3]) == 0;
}

/* r = a + b, a - b over 256 bits; the carry or borrow out is returned. */
static inline uint64_t model_add_words(model_number *r, const model_number *a,
                                       const model_number *b) {
    model_u128 t = 0;
    for (int i = 0; i < 4; i++) {
        t += (model_u128)a->w[i] + b->w[i];
        r->w[i] = (uint64_t)t;
        t >>= 64;
    }
    return (uint64_t)t;
}

static inline uint64_t model_sub_words(model_number *r, const model_number *a,
                                       const model_number *b) {
    uint64_t borrow = 0;
    for (int i = 0; i < 4; i++) {
        model_u128 t = (model_u128)a->w[i] - b->w[i] - borrow;
        r->w[i] = (uint64_t)t;
        borrow = (uint64_t)(t >> 64) & 1;
    }
    return borrow;
}

static inline model_number model_add(model_number a, model_number b, const model_number *m) {
    model_number r;
    if (model_add_words(&r, &a, &b) || model_compare(&r, m) >= 0) {
        model_sub_words(&r, &r, m);
    }
    return r;
}

static inline model_number model_sub(model_number a, model_number b, const model_number *m) {
    model_number r;
    if (model_sub_words(&r, &a, &b)) {
        model_add_words(&r, &r, m);
    }
    return r;
}

static inline model_number model_negate(model_number a, const model_number *m) {
    return model_sub(model_small(0), a, m);
}

/* Reduces hi 2^256 + lo mod m = 2^256 - c: 2^256 is c, as often as it takes. */
static inline model_number model_reduce(model_number lo, model_number hi, const model_number *m) {
    model_number c, zero = model_small(0);
    model_sub_words(&c, &zero, m);
    while (!model_is_zero(&hi)) {
        uint64_t product[8] = {0};
        for (int i = 0; i < 4; i++) {
            model_u128 t = 0;
            for (int j = 0; j < 4; j++) {
                t += (model_u128)hi.w[i] * c.w[j] + product[i + j];
                product[i + j] = (uint64_t)t;
                t >>= 64;
            }
            product[i + 4] += (uint64_t)t;
        }
        model_number low;
        memcpy(low.w, product, 32);
        memcpy(hi.w, product + 4, 32);
        uint64_t carry = model_add_words(&lo, &lo, &low);
        model_number one = model_small(carry);
        model_add_words(&hi, &hi, &one);
    }
    while (model_compare(&lo, m) >= 0) {
        model_sub_words(&lo, &lo, m);
    }
    return lo;
}

static inline model_number model_mul(model_number a, model_number b, const model_number *m) {
    uint64_t product[8] = {0};
    model_number lo, hi;
    for (int i = 0; i < 4; i++) {
        model_u128 t = 0;
        for (int j = 0; j < 4; j++) {
            t += (model_u128)a.w[i] * b.w[j] + product[i + j];
            product[i + j] = (uint64_t)t;
            t >>= 64;
        }
        product[i + 4] = (uint64_t)t;
    }
    memcpy(lo.w, product, 32);
    memcpy(hi.w, product + 4, 32);
    return model_reduce(lo, hi, m);
}

static inline model_number model_power(model_number a, model_number e, const model_number *m) {
    model_number r = model_small(1);
    for (int i = 255; i >= 0; i--) {
        r = model_mul(r, r, m);
        if (e.w[i / 64] >> i % 64 & 1) {
            r = model_mul(r, a, m);
        }
    }
    return r;
}

static inline model_number model_inverse(model_number a, const model_number *m) {
    model_number e, two = model_small(2);
    model_sub_words(&e, m, &two);
    return model_power(a, e, m);
}

/* A square root mod p, checked: returns 0 if there is none. */
static inline int model_sqrt(model_number *r, model_number a) {
    const model_number e = {{0xffffffffbfffff0c, ~0ULL, ~0ULL, 0x3fffffffffffffff}};
    *r = model_power(a, e, &MODEL_P);
    model_number square = model_mul(*r, *r, &MODEL_P);
    return model_compare(&square, &a) == 0;
}

static inline model_point model_point_negate(model_point a) {
    a.y = model_negate(a.y, &MODEL_P);
    return a;
}

static inline model_point model_point_add(model_point a, model_point b) {
    const model_number *p = &MODEL_P;
    model_point r = {.infinity = 0};
    model_number slope;
    if (a.infinity || b.infinity) {
        return a.infinity ? b : a;
    }
    if (model_compare(&a.x, &b.x) == 0) {
        model_number sum = model_add(a.y, b.y, p);
        if (model_is_zero(&sum)) {
            r.infinity = 1;
            return r;
        }
        model_number xx = model_mul(a.x, a.x, p);
        slope = model_mul(model_mul(xx, model_small(3), p), model_inverse(sum, p), p);
    } else {
        slope = model_mul(model_sub(b.y, a.y, p), model_inverse(model_sub(b.x, a.x, p), p), p);
    }
    r.x = model_sub(model_sub(model_mul(slope, slope, p), a.x, p), b.x, p);
    r.y = model_sub(model_mul(slope, model_sub(a.x, r.x, p), p), a.y, p);
    return r;
}

static inline model_point model_point_multiply(model_point a, model_number k) {
    model_point r = {.infinity = 1};
    for (int i = 255; i >= 0; i--) {
        r = model_point_add(r, r);
        if (k.w[i / 64] >> i % 64 & 1) {
            r = model_point_add(r, a);
        }
    }
    return r;
}

static inline void model_to_bytes(uint8_t bytes[32], const model_number *a) {
    for (int i = 0; i < 32; i++) {
        bytes[i] = (uint8_t)(a->w[(31 - i) / 8] >> (31 - i) % 8 * 8);
    }
}

static inline model_number model_from_bytes(const uint8_t bytes[32]) {
    model_number r = model_small(0);
    for (int i = 0; i < 32; i++) {
        r.w[(31 - i) / 8] |= (uint64_t)bytes[i] << (31 - i) % 8 * 8;
    }
    return r;
}

#endif
