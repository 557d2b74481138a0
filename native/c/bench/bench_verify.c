/*
 * Verification: ours and libsecp256k1 in one run, interleaved, one thread; best and median of the
 * rounds. Usage: bench_verify [keys] [rounds]; VTS_LIBSECP256K1 names the reference library.
 */
#include <math.h>
#include <time.h>

#include "../test/reference.h"
#include "../test/test_util.h"
#include "../vts_kernel.h"

enum { MOST_ROUNDS = 1000, MOST_KEYS = 4096, REFERENCE_ITEMS = 32 };

static uint8_t digests[2 * MOST_KEYS][32], signatures[2 * MOST_KEYS][64];
static uint8_t keys_one[2 * MOST_KEYS][33], keys_two[MOST_KEYS][33], verdicts[2 * MOST_KEYS];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* not what other programs take */
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *name, double *samples, int count, double reference) {
    qsort(samples, (size_t)count, sizeof *samples, by_value);
    printf("%-34s best %8.1f ns, median %8.1f ns", name, samples[0], samples[count / 2]);
    if (reference > 0) {
        printf(", %5.2f times libsecp256k1", reference / samples[count / 2]);
    }
    printf("\n");
}

/* The reference parses nothing inside the clock: keys and signatures are parsed before. */
static reference_object parsed_keys[REFERENCE_ITEMS], parsed_signatures[REFERENCE_ITEMS];

static void reference_round(void) {
    for (int i = 0; i < REFERENCE_ITEMS; i++) {
        if (!reference_ecdsa_verify(reference_context, &parsed_signatures[i], digests[i],
                                    &parsed_keys[i])) {
            abort();
        }
    }
}

static void check_all(size_t count) {
    for (size_t i = 0; i < count; i++) {
        CHECK(verdicts[i] == 1, "item %zu", i);
    }
}

int main(int argc, char **argv) {
    size_t keys = argc > 1 ? strtoull(argv[1], NULL, 0) : 256;
    int rounds = argc > 2 ? atoi(argv[2]) : 60;
    static double two[MOST_ROUNDS], one[MOST_ROUNDS], reference[MOST_ROUNDS];
    CHECK(keys > 0 && keys <= MOST_KEYS && rounds > 0 && rounds <= MOST_ROUNDS, "usage");
    test_start("bench_verify");
    reference_open();
    double start = now();
    CHECK(vts_kernel_init() == 0, "supported here");
    printf("init %.2f ms, kernel %s, %zu keys a call\n", (now() - start) / 1e6, vts_kernel_name(),
           keys);
    for (size_t i = 0; i < 2 * keys || i < REFERENCE_ITEMS; i++) {
        static uint8_t secret[32];
        if (i % 2 == 0) {
            for (int b = 0; b < 32; b++) {
                secret[b] = (uint8_t)(test_random() >> 40);
            }
            secret[0] &= 0x7f;
        }
        test_random_bytes(digests[i], 32);
        reference_public_key(keys_one[i], secret);
        memcpy(keys_two[i / 2], keys_one[i], 33);
        reference_sign(signatures[i], digests[i], secret);
        if (i < REFERENCE_ITEMS) {
            reference_key_parse(reference_context, &parsed_keys[i], keys_one[i], 33);
            reference_signature_parse(reference_context, &parsed_signatures[i], signatures[i]);
        }
    }
    for (int round = 0; round < rounds; round++) {
        memset(verdicts, 0, sizeof verdicts);
        double t0 = now();
        vts_verify_batch(digests[0], signatures[0], keys_two[0], verdicts, keys, 2);
        double t1 = now();
        check_all(2 * keys);
        memset(verdicts, 0, sizeof verdicts);
        double t2 = now();
        vts_verify_batch(digests[0], signatures[0], keys_one[0], verdicts, keys, 1);
        double t3 = now();
        check_all(keys);
        reference_round();
        double t4 = now();
        two[round] = (t1 - t0) / (double)(2 * keys);
        one[round] = (t3 - t2) / (double)keys;
        reference[round] = (t4 - t3) / REFERENCE_ITEMS;
    }
    report("libsecp256k1, key parsed before", reference, rounds, 0);
    double median = reference[rounds / 2];
    report("kernel, two signatures a key", two, rounds, median);
    report("kernel, one signature a key", one, rounds, median);
    return 0;
}
