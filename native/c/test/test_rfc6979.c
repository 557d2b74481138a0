/*
 * Nonces against libsecp256k1's nonce_function_rfc6979, for random and edge keys and digests, and
 * for later attempts.
 */
#include "../rfc6979.h"
#include "libsecp256k1.h"

static const char *const EDGES[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000001",
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};

static void should_equal_libsecp256k1(unsigned attempt) {
    uint8_t key[32], digests[16 * 32], got[16 * 32], want[32];
    test_random_bytes(key, sizeof key);
    for (int i = 0; i < 16; i++) {
        if ((test_random() & 7) == 0) {
            test_from_hex(digests + 32 * i, EDGES[test_random() % 6]);
        } else {
            test_random_bytes(digests + 32 * i, 32);
        }
    }
    rfc6979_key seeded;
    scalar8 digest[2], nonce[2];
    rfc6979_key_init(&seeded, key);
    scalar8_load(&digest[0], digests, 32, 8);
    scalar8_load(&digest[1], digests + 256, 32, 8);
    CHECK(rfc6979_nonces16(nonce, &seeded, digest, attempt) == 0, "an output of 0 or >= n");
    scalar8_store(got, 32, 8, &nonce[0]);
    scalar8_store(got + 256, 32, 8, &nonce[1]);
    for (int i = 0; i < 16; i++) {
        CHECK(secp_nonce_rfc6979(want, digests + 32 * i, key, NULL, NULL, attempt) == 1,
              "attempt %u", attempt);
        CHECK(memcmp(got + 32 * i, want, 32) == 0,
              "attempt %u lane %d key %s digest %s got %s want %s", attempt, i, test_hex(key, 32),
              test_hex(digests + 32 * i, 32), test_hex(got + 32 * i, 32), test_hex(want, 32));
    }
}

int main(void) {
    test_start("test_rfc6979");
    secp_open();
    for (size_t i = 0, cases = test_cases(600); i < cases; i++) {
        should_equal_libsecp256k1((unsigned)i % 3);
    }
    secp_close();
    return test_end("test_rfc6979");
}
