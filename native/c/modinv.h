/*
 * One inverse modulo a 256-bit prime, in variable time: for public numbers only.
 *
 * Divsteps of D. Bernstein and B.-Y. Yang, "Fast constant-time gcd computation and modular
 * inversion", CHES 2019, in batches of 62 on the low words alone, each batch then applied to the
 * whole numbers as a 2 x 2 matrix. Runs of zero bits are taken at once, and up to six bits of g
 * are cancelled with one multiple of f (P. Wuille's variants). About 1.5 us, against 5 us for a
 * power with eight lanes of which only one is of use.
 */
#ifndef VTS_MODINV_H
#define VTS_MODINV_H

#include <stdint.h>

__extension__ typedef __int128 modinv_wide;

/* Signed, value = sum limb[i] 2^(62 i); limbs 0..3 in [0, 2^62). */
typedef struct {
    int64_t limb[5];
} modinv_number;

/* The modulus, and its inverse modulo 2^62. */
typedef struct {
    modinv_number modulus;
    uint64_t inverse62;
} modinv_modulus;

/* 2^62 times the transition of 62 divsteps: f' = u f + v g, g' = q f + r g. */
typedef struct {
    int64_t u, v, q, r;
} modinv_matrix;

#define MODINV_MASK (((uint64_t)1 << 62) - 1)

static const modinv_modulus MODINV_P = {
    {{0x3ffffffefffffc2f, 0x3fffffffffffffff, 0x3fffffffffffffff, 0x3fffffffffffffff, 0xff}},
    0x27c7f6e22ddacacf};
static const modinv_modulus MODINV_N = {
    {{0x3fd25e8cd0364141, 0x2abb739abd2280ee, 0x3fffffffffffffeb, 0x3fffffffffffffff, 0xff}},
    0x34f20099aa774ec1};

/* delta of the paper is -eta. f is odd. Returns the new eta. */
static inline int64_t modinv_divsteps(int64_t eta, uint64_t f, uint64_t g, modinv_matrix *t) {
    uint64_t u = 1, v = 0, q = 0, r = 1, swap;
    for (int left = 62;;) {
        int zeros = __builtin_ctzll(g | ~(uint64_t)0 << left);
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        eta -= zeros;
        left -= zeros;
        if (left == 0) {
            break;
        }
        if (eta < 0) {
            eta = -eta;
            swap = f, f = g, g = -swap;
            swap = u, u = q, q = -swap;
            swap = v, v = r, r = -swap;
        }
        /* bits of g that may go before eta turns negative; 1 / f = f (2 - f^2) mod 64 */
        int bits = eta + 1 > left ? left : (int)eta + 1;
        uint64_t mask = (~(uint64_t)0 >> (64 - bits)) & 63;
        uint64_t times = f * g * (f * f - 2) & mask;
        g += f * times;
        q += u * times;
        r += v * times;
    }
    t->u = (int64_t)u;
    t->v = (int64_t)v;
    t->q = (int64_t)q;
    t->r = (int64_t)r;
    return eta;
}

/* (f, g) = t (f, g) / 2^62: the low 62 bits cancel. */
static inline void modinv_update_gcd(modinv_number *f, modinv_number *g, const modinv_matrix *t) {
    modinv_wide cf = 0, cg = 0;
    for (int i = 0; i < 5; i++) {
        cf += (modinv_wide)t->u * f->limb[i] + (modinv_wide)t->v * g->limb[i];
        cg += (modinv_wide)t->q * f->limb[i] + (modinv_wide)t->r * g->limb[i];
        if (i > 0) {
            f->limb[i - 1] = (int64_t)((uint64_t)cf & MODINV_MASK);
            g->limb[i - 1] = (int64_t)((uint64_t)cg & MODINV_MASK);
        }
        cf >>= 62;
        cg >>= 62;
    }
    f->limb[4] = (int64_t)cf;
    g->limb[4] = (int64_t)cg;
}

/*
 * (d, e) = t (d, e) / 2^62 mod m, both staying in (-2 m, m): a negative input gets m added, and
 * then the multiple of m that makes the low 62 bits vanish.
 */
static inline void modinv_update_inverse(modinv_number *d, modinv_number *e, const modinv_matrix *t,
                                         const modinv_modulus *m) {
    int64_t minus_d = d->limb[4] >> 63, minus_e = e->limb[4] >> 63;
    int64_t md = (t->u & minus_d) + (t->v & minus_e), me = (t->q & minus_d) + (t->r & minus_e);
    modinv_wide cd = (modinv_wide)t->u * d->limb[0] + (modinv_wide)t->v * e->limb[0];
    modinv_wide ce = (modinv_wide)t->q * d->limb[0] + (modinv_wide)t->r * e->limb[0];
    md -= (int64_t)((m->inverse62 * (uint64_t)cd + (uint64_t)md) & MODINV_MASK);
    me -= (int64_t)((m->inverse62 * (uint64_t)ce + (uint64_t)me) & MODINV_MASK);
    cd += (modinv_wide)m->modulus.limb[0] * md;
    ce += (modinv_wide)m->modulus.limb[0] * me;
    cd >>= 62;
    ce >>= 62;
    for (int i = 1; i < 5; i++) {
        cd += (modinv_wide)t->u * d->limb[i] + (modinv_wide)t->v * e->limb[i];
        ce += (modinv_wide)t->q * d->limb[i] + (modinv_wide)t->r * e->limb[i];
        cd += (modinv_wide)m->modulus.limb[i] * md;
        ce += (modinv_wide)m->modulus.limb[i] * me;
        d->limb[i - 1] = (int64_t)((uint64_t)cd & MODINV_MASK);
        e->limb[i - 1] = (int64_t)((uint64_t)ce & MODINV_MASK);
        cd >>= 62;
        ce >>= 62;
    }
    d->limb[4] = (int64_t)cd;
    e->limb[4] = (int64_t)ce;
}

/* a = +-a in [0, m), for a in (-2 m, m). */
static inline void modinv_normalize(modinv_number *a, int negate, const modinv_modulus *m) {
    for (int round = 0; round < 3; round++) {
        int add = a->limb[4] < 0; /* at most twice; the sign is changed in between */
        int64_t carry = 0;
        for (int i = 0; i < 5; i++) {
            int64_t limb = a->limb[i] + (add ? m->modulus.limb[i] : 0);
            limb = round == 1 && negate ? -limb + carry : limb + carry;
            a->limb[i] = i < 4 ? limb & (int64_t)MODINV_MASK : limb;
            carry = limb >> 62;
        }
    }
}

/* word = 1 / word mod m, little-endian words; 0 for 0. In: word < m. */
static inline void modinv(uint64_t word[4], const modinv_modulus *m) {
    modinv_number f = m->modulus, g, d = {{0}}, e = {{1}};
    modinv_matrix t;
    int64_t eta = -1;
    g.limb[0] = (int64_t)(word[0] & MODINV_MASK);
    g.limb[1] = (int64_t)((word[0] >> 62 | word[1] << 2) & MODINV_MASK);
    g.limb[2] = (int64_t)((word[1] >> 60 | word[2] << 4) & MODINV_MASK);
    g.limb[3] = (int64_t)((word[2] >> 58 | word[3] << 6) & MODINV_MASK);
    g.limb[4] = (int64_t)(word[3] >> 56);
    while (g.limb[0] | g.limb[1] | g.limb[2] | g.limb[3] | g.limb[4]) {
        eta = modinv_divsteps(eta, (uint64_t)f.limb[0], (uint64_t)g.limb[0], &t);
        modinv_update_inverse(&d, &e, &t, m);
        modinv_update_gcd(&f, &g, &t);
    }
    modinv_normalize(&d, f.limb[4] < 0, m); /* f = +-1 */
    word[0] = (uint64_t)d.limb[0] | (uint64_t)d.limb[1] << 62;
    word[1] = (uint64_t)d.limb[1] >> 2 | (uint64_t)d.limb[2] << 60;
    word[2] = (uint64_t)d.limb[2] >> 4 | (uint64_t)d.limb[3] << 58;
    word[3] = (uint64_t)d.limb[3] >> 6 | (uint64_t)d.limb[4] << 56;
}

#endif
