/*
 * The verification after signing by itself, on keys whose secret nobody knows: signatures that
 * signing cannot be made to produce, r + n < p above all, and mutations of every part.
 */
/* The units are taken in whole, for their static functions, beside the library's own. */
#define vts_signer_size check8_signer_size
#define vts_signer_init check8_signer_init
#define vts_sign_batch check8_sign_batch
#define signer8_init check8_signer8_init
#define signer8_multiply check8_signer8_multiply
#include "../sign8.c"
#include "../signer8.c"
#include "libsecp256k1.h"

static int (*secp_pubkey_parse)(const void *, secp_pubkey *, const uint8_t *, size_t);
static int (*secp_pubkey_tweak_add)(const void *, secp_pubkey *, const uint8_t *);
static int (*secp_pubkey_tweak_mul)(const void *, secp_pubkey *, const uint8_t *);
static int (*secp_signature_parse_compact)(const void *, secp_signature *, const uint8_t *);

static signer8 *signer;

/* p - n and so the largest r with r + n < p, plus one. */
static const uint8_t P_MINUS_N_BYTES[32] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01,
                                            0x45, 0x51, 0x23, 0x19, 0x50, 0xb7, 0x5f, 0xc4,
                                            0x40, 0x2d, 0xa1, 0x72, 0x2f, 0xc9, 0xba, 0xee};

typedef struct {
    uint8_t digest[32], signature[64], key33[33];
    secp_pubkey key;
} constructed;

static void scalar_bytes(uint8_t bytes[32], const scalar8 *a) {
    scalar8_store(bytes, 32, 1, a);
}

static void random_scalar(scalar8 *a) {
    uint8_t bytes[32];
    test_random_bytes(bytes, 32);
    bytes[31] |= 1;
    scalar8_load(a, bytes, 32, 1);
}

/*
 * A signature with the wanted x(R): R from x, u1 and u2 at will, Q = (R - u1 G) / u2, and then
 * s = r / u2, digest = u1 s. Returns 0 if x is no point's or s comes out high.
 */
static int construct(constructed *c, const uint8_t x[32], const uint8_t r_bytes[32]) {
    uint8_t point33[33], bytes[32];
    scalar8 u1, u2, r, s, inverse;
    size_t length = 33;
    point33[0] = 2 + (test_random() & 1);
    memcpy(point33 + 1, x, 32);
    if (!secp_pubkey_parse(secp, &c->key, point33, 33)) {
        return 0;
    }
    random_scalar(&u1);
    random_scalar(&u2);
    scalar8_load(&r, r_bytes, 32, 1);
    scalar8_inverse(&inverse, &u2);
    scalar8_mul(&s, &r, &inverse);
    if (scalar8_is_high(&s) & 1) {
        return 0;
    }
    scalar8 minus_u1, digest;
    scalar8_negate_lanes(&minus_u1, &u1, 0xff);
    scalar_bytes(bytes, &minus_u1);
    CHECK(secp_pubkey_tweak_add(secp, &c->key, bytes), "R - u1 G");
    scalar_bytes(bytes, &inverse);
    CHECK(secp_pubkey_tweak_mul(secp, &c->key, bytes), "(R - u1 G) / u2");
    secp_ec_pubkey_serialize(secp, c->key33, &length, &c->key, 1 << 8 | 1 << 1);
    scalar8_mul(&digest, &u1, &s);
    scalar_bytes(c->digest, &digest);
    memcpy(c->signature, r_bytes, 32);
    scalar_bytes(c->signature + 32, &s);
    return 1;
}

/* A signer for a public key alone. */
static void make_signer(const constructed *c) {
    uint8_t uncompressed[65], copies[8][64];
    size_t length = 65;
    affine8 key, generator;
    secp_ec_pubkey_serialize(secp, uncompressed, &length, &c->key, 1 << 1);
    for (int i = 0; i < 8; i++) {
        memcpy(copies[i], uncompressed + 1, 64);
    }
    scalar8_load_raw(key.x.v, copies[0], 64, 8);
    scalar8_load_raw(key.y.v, copies[0] + 32, 64, 8);
    fe8_set_constant(&generator.x, GENERATOR_X);
    fe8_set_constant(&generator.y, GENERATOR_Y);
    layout check = {signer->generator[0], 8 * CHECK_ENTRIES, 8, 1, CHECK_WIDTH, CHECK_WINDOWS};
    build_table(&check, &generator);
    check.words = signer->key[0];
    build_table(&check, &key);
}

/* Our verdicts on eight rows, with the true inverse of each row's s as the hint. */
static __mmask8 verdicts_on(uint8_t digests[8 * 32], uint8_t signatures[8 * 64]) {
    scalar8 digest, s, inverse;
    scalar8_load(&digest, digests, 32, 8);
    scalar8_load(&s, signatures + 32, 64, 8);
    scalar8_inverse(&inverse, &s);
    return check_signatures(signer, signatures, &digest, &inverse);
}

static void should_agree_with_libsecp256k1(const constructed *c) {
    uint8_t digests[8 * 32], signatures[8 * 64];
    unsigned want = 0;
    for (int i = 0; i < 8; i++) {
        memcpy(digests + 32 * i, c->digest, 32);
        memcpy(signatures + 64 * i, c->signature, 64);
        if (test_random() & 1) { /* one bit, anywhere */
            size_t at = test_random() % (96 * 8);
            uint8_t *row = at < 256 ? digests + 32 * i : signatures + 64 * i - 32;
            row[at / 8] ^= (uint8_t)(1U << at % 8);
        }
        secp_signature parsed;
        want |= (unsigned)(secp_signature_parse_compact(secp, &parsed, signatures + 64 * i) &&
                           secp_ecdsa_verify(secp, &parsed, digests + 32 * i, &c->key))
                << i;
    }
    __mmask8 got = verdicts_on(digests, signatures);
    CHECK(got == want, "got %02x want %02x key %s digest %s signature %s", (unsigned)got, want,
          test_hex(c->key33, 33), test_hex(c->digest, 32), test_hex(c->signature, 64));
}

/* A hint that is not the inverse of s must never help. */
static void should_refuse_a_wrong_hint(const constructed *c) {
    uint8_t digests[8 * 32], signatures[8 * 64];
    scalar8 digest, s, hint;
    for (int i = 0; i < 8; i++) {
        memcpy(digests + 32 * i, c->digest, 32);
        memcpy(signatures + 64 * i, c->signature, 64);
    }
    scalar8_load(&digest, digests, 32, 8);
    scalar8_load(&s, signatures + 32, 64, 8);
    scalar8_inverse(&hint, &s);
    CHECK(check_signatures(signer, signatures, &digest, &hint) == 0xff, "right hint");
    scalar8_negate_lanes(&hint, &hint, 0x5a);
    CHECK(check_signatures(signer, signatures, &digest, &hint) == 0xa5, "wrong hint");
}

/* The other solution, n - s, is a valid equation and not a permitted signature. */
static void should_refuse_high_s(const constructed *c) {
    uint8_t digests[8 * 32], signatures[8 * 64];
    scalar8 s;
    for (int i = 0; i < 8; i++) {
        memcpy(digests + 32 * i, c->digest, 32);
        memcpy(signatures + 64 * i, c->signature, 64);
    }
    scalar8_load(&s, signatures + 32, 64, 8);
    scalar8_negate_lanes(&s, &s, 0x3c);
    scalar8_store(signatures + 32, 64, 8, &s);
    CHECK(verdicts_on(digests, signatures) == 0xc3, "high s");
}

/*
 * A key made so that the last addition meets its own entry: u2 Q + u1 G - T = T, T the entry of
 * u1's last window. The addition formula breaks down to (0, 0, 0, 0) there, which must not pass
 * for any r.
 */
static void should_refuse_where_the_formula_breaks_down(void) {
    uint8_t digests[8 * 32], signatures[8 * 64], bytes[32] = {0};
    scalar8 u1, u2, last, weight, inverse, secret, r, s, digest;
    comb8_digits digits;
    constructed c;
    random_scalar(&u1);
    comb8_recode(&digits, &u1, CHECK_WIDTH);
    comb8_window window = comb8_digit(&digits, CHECK_WINDOWS - 1, CHECK_WIDTH);
    const unsigned bit = CHECK_WIDTH * (CHECK_WINDOWS - 1);
    scalar8_set_zero(&last);
    last.v[0] = _mm512_add_epi64(_mm512_add_epi64(window.index, window.index), fe8_set1(1));
    scalar8_negate_lanes(&last, &last, window.negative);
    bytes[31 - bit / 8] = (uint8_t)(1U << bit % 8);
    scalar8_load(&weight, bytes, 32, 1);
    scalar8_mul(&last, &last, &weight);
    do {
        random_scalar(&u2);
        random_scalar(&r);
        scalar8_inverse(&inverse, &u2);
        scalar8_mul(&s, &r, &inverse);
    } while (scalar8_is_high(&s) & 1);
    scalar8_add(&secret, &last, &last);
    scalar8_negate_lanes(&u1, &u1, 0xff);
    scalar8_add(&secret, &secret, &u1);
    scalar8_mul(&secret, &secret, &inverse);
    scalar8_negate_lanes(&u1, &u1, 0xff);
    scalar8_mul(&digest, &u1, &s);
    scalar_bytes(bytes, &secret);
    CHECK(secp_ec_pubkey_create(secp, &c.key, bytes), "key");
    make_signer(&c);
    for (int i = 0; i < 8; i++) {
        scalar_bytes(digests + 32 * i, &digest);
        scalar_bytes(signatures + 64 * i, &r);
        scalar_bytes(signatures + 64 * i + 32, &s);
    }
    CHECK(verdicts_on(digests, signatures) == 0, "accepted without a point");
}

/* x = r + n for small r and for r just below p - n; x = r where r + n is not below p. */
static void should_check_every_case_of_r(int kind) {
    constructed c;
    uint8_t x[32], r[32] = {0};
    scalar8 number;
    do {
        __m512i sum[5];
        if (kind == 0) {
            r[30] = (uint8_t)test_random();
            r[31] = (uint8_t)(test_random() | 1);
        } else {
            memcpy(r, P_MINUS_N_BYTES, 32);
            unsigned off = 1 + (unsigned)(test_random() % 200);
            r[31] = (uint8_t)(r[31] - (off < 0xee ? off : 1)); /* 0xee is its last byte */
            if (kind == 2) {
                r[30]++; /* now r + n >= p: the only x is r */
            }
        }
        scalar8_load(&number, r, 32, 1);
        scalar8_carry_out(number.v, SCALAR8_N, sum);
        if (kind == 2) {
            memcpy(x, r, 32);
        } else {
            scalar8_store_raw(x, 32, 1, sum);
        }
    } while (!construct(&c, x, r));
    make_signer(&c);
    should_refuse_a_wrong_hint(&c);
    should_refuse_high_s(&c);
    for (int i = 0; i < 20; i++) {
        should_agree_with_libsecp256k1(&c);
    }
}

static void *library_symbol(const char *name) {
    void *library = dlopen(getenv("VTS_LIBSECP256K1"), RTLD_NOW | RTLD_LOCAL);
    CHECK(library, "%s", dlerror());
    return secp_symbol(library, name);
}

int main(void) {
    test_start("test_check8");
    secp_open();
    *(void **)&secp_pubkey_parse = library_symbol("secp256k1_ec_pubkey_parse");
    *(void **)&secp_pubkey_tweak_add = library_symbol("secp256k1_ec_pubkey_tweak_add");
    *(void **)&secp_pubkey_tweak_mul = library_symbol("secp256k1_ec_pubkey_tweak_mul");
    *(void **)&secp_signature_parse_compact =
        library_symbol("secp256k1_ecdsa_signature_parse_compact");
    signer = aligned_alloc(64, sizeof *signer);
    CHECK(signer, "no memory");
    for (int i = 0; i < 3; i++) {
        should_refuse_where_the_formula_breaks_down();
    }
    for (size_t i = 0, cases = test_cases(12); i < cases || i < 3; i++) {
        should_check_every_case_of_r((int)(i % 3));
    }
    free(signer);
    secp_close();
    return test_end("test_check8");
}
