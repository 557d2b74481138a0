/*
 * ECDSA signatures in batches, eight lanes wide, constant time in the secret key, byte-identical to
 * libsecp256k1's, each verified before it is handed out. The way of a batch is in
 * docs/internals/KERNEL.md.
 */
#include <stdlib.h>
#include <string.h>

#include "inverse8_secret.h"
#include "rfc6979.h"
#include "signer8.h"
#include "vts_kernel.h"
#include "wipe.h"

/* Signatures that go through each step together: they share the inversions. */
enum { CHUNK_VECTORS = 32, CHUNK = 8 * CHUNK_VECTORS };

/* What one chunk needs, on the stack. All of it is wiped. */
typedef struct {
    rfc6979_key nonce_key;
    scalar8 secret;
    /* Even: nonces k, odd: z = m + r d; after the inversion their inverses. */
    scalar8 inverse[2 * CHUNK_VECTORS], scratch[2 * CHUNK_VECTORS];
    scalar8 nonce[CHUNK_VECTORS], digest[CHUNK_VECTORS], z[CHUNK_VECTORS];
    scalar8 r[CHUNK_VECTORS], s_inverse[CHUNK_VECTORS];
    fe8 x[CHUNK_VECTORS], zz[CHUNK_VECTORS], field_scratch[CHUNK_VECTORS];
    uint8_t signatures[CHUNK][64];
} chunk;

static void load_digests(chunk *c, const uint8_t *digests, size_t count) {
    for (size_t v = 0; 8 * v < count; v++) {
        size_t lanes = count - 8 * v < 8 ? count - 8 * v : 8;
        scalar8_load(&c->digest[v], digests + 256 * v, 32, (unsigned)lanes);
    }
}

/* An output that is 0 or >= n (probability 2^-128) is passed over, as RFC 6979 3.2.h.3 says. */
static void make_nonces(chunk *c, size_t vectors) {
    for (size_t v = 0; v < vectors; v += 2) {
        scalar8 digest[2], nonce[2], again[2];
        digest[0] = c->digest[v];
        digest[1] = c->digest[v + 1 < vectors ? v + 1 : v];
        __mmask16 unusable = rfc6979_nonces16(nonce, &c->nonce_key, digest, 0);
        for (unsigned attempt = 1; unusable; attempt++) {
            __mmask16 still = rfc6979_nonces16(again, &c->nonce_key, digest, attempt);
            scalar8_select(&nonce[0], &nonce[0], &again[0], (__mmask8)unusable);
            scalar8_select(&nonce[1], &nonce[1], &again[1], (__mmask8)(unusable >> 8));
            unusable &= still;
        }
        c->nonce[v] = nonce[0];
        if (v + 1 < vectors) {
            c->nonce[v + 1] = nonce[1];
        }
        wipe(nonce, sizeof nonce);
        wipe(again, sizeof again);
    }
}

/* r = x(k G) mod n. */
static void make_r(chunk *c, const signer8 *signer, size_t vectors) {
    comb8_sum sum;
    for (size_t v = 0; v < vectors; v++) {
        signer8_multiply(&sum, signer, &c->nonce[v]);
        c->x[v] = sum.x;
        c->zz[v] = sum.zz;
    }
    wipe(&sum, sizeof sum);
    fe8_inverse_batch_secret(c->zz, c->field_scratch, vectors);
    for (size_t v = 0; v < vectors; v++) {
        fe8 x;
        fe8_mul(&x, &c->x[v], &c->zz[v]);
        fe8_normalize(&x, &x);
        scalar8_reduce_once(&c->r[v], x.v);
    }
}

/*
 * s = k^-1 z, z = m + r d, the smaller of s and n - s; and with the same inversion
 * s^-1 = z^-1 k for the verification, which checks that it is one.
 */
static void make_s(chunk *c, size_t vectors) {
    for (size_t v = 0; v < vectors; v++) {
        scalar8_mul(&c->z[v], &c->r[v], &c->secret);
        scalar8_add(&c->z[v], &c->z[v], &c->digest[v]);
        c->inverse[2 * v] = c->nonce[v];
        c->inverse[2 * v + 1] = c->z[v];
    }
    scalar8_inverse_batch_secret(c->inverse, c->scratch, 2 * vectors);
    for (size_t v = 0; v < vectors; v++) {
        scalar8 s;
        scalar8_mul(&s, &c->inverse[2 * v], &c->z[v]);
        scalar8_mul(&c->s_inverse[v], &c->inverse[2 * v + 1], &c->nonce[v]);
        __mmask8 high = scalar8_is_high(&s);
#if defined(VTS_CANARY) && VTS_CANARY == 2 /* see signer8.c */
        if (high & 1) {
            scalar8_negate_lanes(&s, &s, 1);
        }
#endif
        scalar8_negate_lanes(&s, &s, high);
        scalar8_negate_lanes(&c->s_inverse[v], &c->s_inverse[v], high);
        scalar8_store(c->signatures[8 * v], 64, 8, &c->r[v]);
        scalar8_store(c->signatures[8 * v] + 32, 64, 8, &s);
    }
}

/* Everything with a secret in it. Its control flow and addresses depend on count alone. */
static __attribute__((noinline)) void sign_secret_part(chunk *c, const signer8 *signer,
                                                       const uint8_t *secret_key32,
                                                       const uint8_t *digests, size_t count) {
    size_t vectors = (count + 7) / 8;
    uint8_t copies[8][32];
    for (int i = 0; i < 8; i++) {
        memcpy(copies[i], secret_key32, 32);
    }
    scalar8_load(&c->secret, copies[0], 32, 8);
    wipe(copies, sizeof copies);
    rfc6979_key_init(&c->nonce_key, secret_key32);
    load_digests(c, digests, count);
    make_nonces(c, vectors);
    make_r(c, signer, vectors);
    make_s(c, vectors);
}

/* The windows of u2 and u1 one after the other. */
typedef struct {
    comb8_digits digits[2];
    const uint64_t *table[2]; /* of window 0 */
} check_terms;

static inline void aim(comb8_entry *entry, const check_terms *terms, unsigned i) {
    unsigned term = i / CHECK_WINDOWS, window = i % CHECK_WINDOWS;
    comb8_aim_gather_var(entry, terms->table[term] + (size_t)window * 8 * CHECK_ENTRIES,
                         comb8_digit(&terms->digits[term], window, CHECK_WIDTH));
}

/*
 * u2 Q + u1 G. The key's part comes first: u2 is not zero, while u1 is zero for a digest that is 0
 * mod n, and its windows then add up to infinity at the last step, which is no harm once they are
 * added to something.
 */
static void check_sum(comb8_sum *sum, const signer8 *signer, const scalar8 *u1, const scalar8 *u2) {
    check_terms terms = {.table = {signer->key[0], signer->generator[0]}};
    comb8_entry entry[2];
    comb8_recode(&terms.digits[0], u2, CHECK_WIDTH);
    comb8_recode(&terms.digits[1], u1, CHECK_WIDTH);
    for (unsigned i = 0; i < 2; i++) {
        aim(&entry[i], &terms, i);
        comb8_fetch_all(&entry[i], comb8_gather_var);
    }
    comb8_start(sum, &entry[0], &entry[1]);
    unsigned i = 1;
    for (; i + 1 < 2 * CHECK_WINDOWS; i++) {
        comb8_entry *next = &entry[(i + 1) & 1];
        aim(next, &terms, i + 1);
        comb8_add(sum, &entry[i & 1], next, comb8_gather_var);
    }
    comb8_last(sum, &entry[i & 1]);
}

/* Lanes in which x(sum) mod n = r: X = r ZZ, or X = (r + n) ZZ if r + n < p; and ZZ is not 0. */
static __mmask8 x_is(const comb8_sum *sum, const scalar8 *r) {
    /* 2^256 - (p - n): a carry says that r + n >= p */
    static const uint64_t P_MINUS_N[5] = {0x25e8dd0364512, 0xe6af48a03bbfd, 0xffffffebaaedc,
                                          0xfffffffffffff, 0xffffffffffff};
    __m512i ignored[5];
    fe8 x, product;
    for (int i = 0; i < 5; i++) {
        x.v[i] = r->v[i];
    }
    fe8_mul(&product, &x, &sum->zz);
    __mmask8 equal = fe8_equal(&product, &sum->x);
    __mmask8 small = (__mmask8)~scalar8_carry_out(r->v, P_MINUS_N, ignored);
    if (small & ~equal) {
        scalar8_carry_out(r->v, SCALAR8_N, x.v); /* r + n, below 2^256 in the lanes that count */
        fe8_mul(&product, &x, &sum->zz);
        equal |= small & fe8_equal(&product, &sum->x);
    }
    return equal & (__mmask8)~fe8_is_zero(&sum->zz);
}

/*
 * Lanes whose signature bytes verify under the signer's key, with s not high: SEC 1 v2, 4.1.4.
 * s_inverse is only a hint; what is not the inverse of s in the bytes fails.
 */
static __mmask8 check_signatures(const signer8 *signer, const uint8_t *signatures,
                                 const scalar8 *digest, const scalar8 *s_inverse) {
    scalar8 r, s, one, u1, u2;
    comb8_sum sum;
    __mmask8 bad = scalar8_load(&r, signatures, 64, 8);
    bad |= scalar8_load(&s, signatures + 32, 64, 8);
    bad |= scalar8_is_zero(&r) | scalar8_is_zero(&s) | scalar8_is_high(&s);
    scalar8_set_one(&one);
    scalar8_mul(&u1, &s, s_inverse);
    bad |= (__mmask8)~scalar8_equal(&u1, &one);
    scalar8_mul(&u1, digest, s_inverse);
    scalar8_mul(&u2, &r, s_inverse);
    check_sum(&sum, signer, &u1, &u2);
    return x_is(&sum, &r) & (__mmask8)~bad;
}

/* The digests are read again: what is verified is the caller's memory, not our copy of it. */
static void check_chunk(chunk *c, const signer8 *signer, const uint8_t *digests,
                        uint8_t *signatures, uint8_t *verdicts, size_t count) {
    load_digests(c, digests, count);
    for (size_t v = 0; 8 * v < count; v++) {
        __mmask8 good =
            check_signatures(signer, c->signatures[8 * v], &c->digest[v], &c->s_inverse[v]);
        for (size_t i = 8 * v; i < 8 * v + 8 && i < count; i++) {
            verdicts[i] = good >> (i - 8 * v) & 1;
            if (verdicts[i]) {
                memcpy(signatures + 64 * i, c->signatures[i], 64);
            } else {
                memset(signatures + 64 * i, 0, 64);
            }
        }
    }
}

/* Zeroes the stack below the caller, where the frames of the functions it called have been. */
static __attribute__((noinline)) void wipe_stack(void) {
    uint8_t below[64 * 1024];
    wipe(below, sizeof below);
}

size_t vts_signer_size(void) {
    return sizeof(signer8);
}

int vts_signer_init(void *signer, const uint8_t *public_key33, const uint8_t *secret_key32) {
    int status = signer8_init(signer, public_key33, secret_key32);
    wipe_stack();
    return status;
}

void vts_sign_batch(const void *signer, const uint8_t *secret_key32, const uint8_t *digests,
                    uint8_t *signatures, uint8_t *verdicts, size_t count) {
    chunk c;
    for (size_t done = 0; done < count;) {
        size_t step = count - done < CHUNK ? count - done : CHUNK;
        sign_secret_part(&c, signer, secret_key32, digests + 32 * done, step);
        check_chunk(&c, signer, digests + 32 * done, signatures + 64 * done, verdicts + done, step);
        done += step;
    }
    wipe(&c, sizeof c);
    wipe_stack();
}
