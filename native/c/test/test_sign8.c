/*
 * vts_sign_batch against libsecp256k1: byte-identical signatures for random and edge keys and
 * digests, every count and so every partial vector, verdicts, refusals of vts_signer_init.
 */
#include "../vts_kernel.h"
#include "libsecp256k1.h"

enum { MOST = 600 };

static const char *const EDGES[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000001",
    "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0",
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};

static uint8_t *signer;
static uint8_t digests[MOST * 32], signatures[MOST * 64], verdicts[MOST];

static void public_key_of(uint8_t key33[33], const uint8_t secret[32]) {
    secp_pubkey key;
    size_t length = 33;
    CHECK(secp_ec_pubkey_create(secp, &key, secret) == 1, "%s", test_hex(secret, 32));
    secp_ec_pubkey_serialize(secp, key33, &length, &key, 1 << 8 | 1 << 1);
}

static void should_sign_as_libsecp256k1(const uint8_t secret[32], size_t count) {
    uint8_t want[64];
    for (size_t i = 0; i < count; i++) {
        if ((test_random() & 7) == 0) {
            test_from_hex(digests + 32 * i, EDGES[test_random() % (sizeof EDGES / sizeof *EDGES)]);
        } else {
            test_random_bytes(digests + 32 * i, 32);
        }
    }
    memset(signatures, 0xa5, sizeof signatures);
    memset(verdicts, 0xa5, sizeof verdicts);
    vts_sign_batch(signer, secret, digests, signatures, verdicts, count);
    for (size_t i = 0; i < count; i++) {
        secp_signature signature;
        secp_ecdsa_sign(secp, &signature, digests + 32 * i, secret, NULL, NULL);
        secp_signature_serialize_compact(secp, want, &signature);
        CHECK(memcmp(signatures + 64 * i, want, 64) == 0, "item %zu of %zu key %s digest %s", i,
              count, test_hex(secret, 32), test_hex(digests + 32 * i, 32));
        CHECK(verdicts[i] == 1, "item %zu of %zu key %s digest %s", i, count, test_hex(secret, 32),
              test_hex(digests + 32 * i, 32));
    }
    for (size_t i = 64 * count; i < sizeof signatures; i++) {
        CHECK(signatures[i] == 0xa5, "wrote past item %zu", count);
    }
    for (size_t i = count; i < sizeof verdicts; i++) {
        CHECK(verdicts[i] == 0xa5, "wrote past verdict %zu", count);
    }
}

static void prepare(const uint8_t secret[32]) {
    uint8_t key33[33];
    public_key_of(key33, secret);
    CHECK(vts_signer_init(signer, key33, secret) == 0, "key %s", test_hex(secret, 32));
}

static void draw_secret(uint8_t secret[32]) {
    test_random_bytes(secret, 32);
    secret[0] &= 0x7f; /* below n */
    secret[31] |= 1;   /* not zero */
}

static void should_sign_every_count(void) {
    uint8_t secret[32];
    draw_secret(secret);
    prepare(secret);
    for (size_t count = 0; count <= 40; count++) {
        should_sign_as_libsecp256k1(secret, count);
    }
    for (size_t count = 250; count <= 270; count++) {
        should_sign_as_libsecp256k1(secret, count);
    }
    should_sign_as_libsecp256k1(secret, MOST);
}

/* Keys 1, 2, 3 (the generator's own multiples), n - 1, the half order. */
static void should_sign_with_edge_keys(void) {
    uint8_t secret[32] = {0};
    for (uint8_t small = 1; small <= 3; small++) {
        secret[31] = small;
        prepare(secret);
        should_sign_as_libsecp256k1(secret, 64);
    }
    for (int i = 2; i <= 3; i++) {
        test_from_hex(secret, EDGES[i]);
        prepare(secret);
        should_sign_as_libsecp256k1(secret, 64);
    }
}

static void should_refuse_wrong_keys(void) {
    uint8_t secret[32], key33[33];
    draw_secret(secret);
    public_key_of(key33, secret);
    CHECK(vts_signer_init(signer, key33, secret) == 0, "right key");
    key33[0] ^= 1;
    CHECK(vts_signer_init(signer, key33, secret) == 2, "the other root");
    key33[0] ^= 1;
    key33[32] ^= 1;
    CHECK(vts_signer_init(signer, key33, secret) == 2, "another x");
    key33[32] ^= 1;
    test_from_hex(secret, EDGES[0]);
    CHECK(vts_signer_init(signer, key33, secret) == 1, "zero");
    for (int i = 4; i <= 6; i++) {
        test_from_hex(secret, EDGES[i]);
        CHECK(vts_signer_init(signer, key33, secret) == 1, "%s", EDGES[i]);
    }
}

/* A signer made for another key stands for any fault on the way: nothing may come out. */
static void should_withhold_what_does_not_verify(void) {
    uint8_t secret[32], other[32];
    draw_secret(secret);
    draw_secret(other);
    prepare(other);
    test_random_bytes(digests, 32 * 20);
    memset(signatures, 0xa5, sizeof signatures);
    vts_sign_batch(signer, secret, digests, signatures, verdicts, 20);
    for (int i = 0; i < 20; i++) {
        CHECK(verdicts[i] == 0, "item %d", i);
        for (int k = 0; k < 64; k++) {
            CHECK(signatures[64 * i + k] == 0, "item %d", i);
        }
    }
}

int main(void) {
    test_start("test_sign8");
    secp_open();
    signer = aligned_alloc(64, vts_signer_size());
    CHECK(signer, "no memory");
    should_refuse_wrong_keys();
    should_sign_every_count();
    should_sign_with_edge_keys();
    should_withhold_what_does_not_verify();
    for (size_t i = 0, keys = test_cases(20); i < keys; i++) {
        uint8_t secret[32];
        draw_secret(secret);
        prepare(secret);
        for (int k = 0; k < 17; k++) { /* with 300 on average: 102,000 signatures */
            should_sign_as_libsecp256k1(secret, 1 + test_random() % MOST);
        }
    }
    free(signer);
    secp_close();
    return test_end("test_sign8");
}
