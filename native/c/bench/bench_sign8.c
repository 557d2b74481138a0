/*
 * Signing with verification after it, against libsecp256k1 doing the same work (sign, then verify,
 * one digest after the other), interleaved in one run. The figures are the fastest of the rounds.
 */
#include "../vts_kernel.h"
#include "../test/libsecp256k1.h"

enum { MOST = 1024, ROUNDS = 40 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

int main(void) {
    static const size_t COUNTS[] = {1, 8, 16, 64, 256, 1024};
    static uint8_t digests[MOST * 32], signatures[MOST * 64], verdicts[MOST];
    enum { KINDS = sizeof COUNTS / sizeof COUNTS[0] };
    double ours[KINDS], theirs_sign = 1e18, theirs_verify = 1e18;
    uint8_t secret[32], key33[33];
    size_t length = 33;
    secp_pubkey key;
    test_start("bench_sign8");
    secp_open();
    test_random_bytes(digests, sizeof digests);
    test_random_bytes(secret, 32);
    secret[0] = 1;
    secp_ec_pubkey_create(secp, &key, secret);
    secp_ec_pubkey_serialize(secp, key33, &length, &key, 1 << 8 | 1 << 1);
    void *signer = aligned_alloc(64, vts_signer_size());
    double start = now();
    CHECK(signer && vts_signer_init(signer, key33, secret) == 0, "signer");
    printf("tables: %zu bytes, %.1f ms\n", vts_signer_size(), (now() - start) / 1e6);
    for (size_t k = 0; k < KINDS; k++) {
        ours[k] = 1e18;
    }
    for (int round = 0; round < ROUNDS; round++) {
        secp_signature signature[16];
        start = now();
        for (int i = 0; i < 16; i++) {
            secp_ecdsa_sign(secp, &signature[i], digests + 32 * i, secret, NULL, NULL);
        }
        double middle = now();
        for (int i = 0; i < 16; i++) {
            CHECK(secp_ecdsa_verify(secp, &signature[i], digests + 32 * i, &key), "libsecp256k1");
        }
        double end = now();
        theirs_sign = middle - start < theirs_sign ? middle - start : theirs_sign;
        theirs_verify = end - middle < theirs_verify ? end - middle : theirs_verify;
        for (size_t k = 0; k < KINDS; k++) {
            start = now();
            vts_sign_batch(signer, secret, digests, signatures, verdicts, COUNTS[k]);
            double took = (now() - start) / (double)COUNTS[k];
            CHECK(verdicts[0] == 1, "verdict");
            ours[k] = took < ours[k] ? took : ours[k];
        }
    }
    double theirs = (theirs_sign + theirs_verify) / 16;
    printf("libsecp256k1: sign %.0f ns, verify %.0f ns\n", theirs_sign / 16, theirs_verify / 16);
    for (size_t k = 0; k < KINDS; k++) {
        printf("batch of %4zu: %6.0f ns a signature, ratio %.1f\n", COUNTS[k], ours[k],
               theirs / ours[k]);
    }
    free(signer);
    secp_close();
    return 0;
}
