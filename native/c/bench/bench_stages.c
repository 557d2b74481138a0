/*
 * Where a verification's time goes: field and group operations, and the stages of verify8.c, each
 * alone. Best of many short runs, in ns per signature lane (divide by the clock for cycles).
 */
#include <time.h>

#include "../test/test_util.h"
#include "../verify8.c"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Best time of one evaluation of `code`, of `runs` runs of `times` evaluations. */
#define BEST(result, runs, times, code)                        \
    do {                                                       \
        result = 1e18;                                         \
        for (int run_ = 0; run_ < (runs); run_++) {            \
            double start_ = now();                             \
            for (int time_ = 0; time_ < (times); time_++) {    \
                code;                                          \
            }                                                  \
            double took_ = (now() - start_) / (times);         \
            result = took_ < result ? took_ : result;          \
        }                                                      \
    } while (0)

static fe8 random_fe8(void) {
    fe8 r;
    uint64_t column[8];
    for (int i = 0; i < 5; i++) {
        for (int lane = 0; lane < 8; lane++) {
            column[lane] = test_random() & (i < 4 ? FE8_LIMB : FE8_TOP);
        }
        r.v[i] = _mm512_loadu_si512(column);
    }
    return r;
}

static void report(const char *what, double ns, double lanes) {
    printf("  %-34s %9.2f ns, %8.3f ns a lane\n", what, ns, ns / lanes);
}

#define KEEP(x) __asm__ volatile("" : : "r"(&(x)) : "memory")

static void field(void) {
    fe8 a[4], b = random_fe8();
    double t;
    for (int i = 0; i < 4; i++) {
        a[i] = random_fe8();
    }
    BEST(t, 400, 500, fe8_mul(&a[0], &a[0], &b); fe8_mul(&a[1], &a[1], &b); KEEP(a));
    report("mul, two streams", t / 2, 8);
    BEST(t, 400, 500, for (int i = 0; i < 4; i++) fe8_mul(&a[i], &a[i], &b); KEEP(a));
    report("mul, four streams", t / 4, 8);
    BEST(t, 400, 500, fe8_mul(&a[0], &a[0], &b); KEEP(a));
    report("mul, one stream (latency)", t, 8);
    BEST(t, 400, 500, fe8_sqr(&a[0], &a[0]); fe8_sqr(&a[1], &a[1]); KEEP(a));
    report("sqr, two streams", t / 2, 8);
    BEST(t, 400, 500, fe8_sqr(&a[0], &a[0]); fe8_sqr(&a[1], &a[1]); fe8_sqr(&a[2], &a[2]);
         fe8_sqr(&a[3], &a[3]); KEEP(a));
    report("sqr, four streams", t / 4, 8);
    BEST(t, 400, 500, fe8_sqr(&a[0], &a[0]); KEEP(a));
    report("sqr, one stream (latency)", t, 8);
    /* the clock, by a chain of dependent one-cycle additions */
    uint64_t x = 1;
    BEST(t, 400, 100, {
        for (int i = 0; i < 10; i++) {
            __asm__ volatile("add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n"
                             "add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0"
                             : "+r"(x));
        }
    });
    printf("  clock: about %.2f GHz\n", 100 / t);
}

static void group(void) {
    gej8_sum sum[2];
    ge8_addend addend[2];
    fe8 minus_x = random_fe8(), w = random_fe8();
    double t;
    for (int s = 0; s < 2; s++) {
        sum[s].x = random_fe8(), sum[s].w = random_fe8(), sum[s].z = random_fe8();
        sum[s].started = 0xff, sum[s].negated = 0;
        addend[s].minus_x = &minus_x, addend[s].w = &w;
        addend[s].active = 0xff, addend[s].negative = 0x55;
    }
    BEST(t, 400, 100, gej8_double_call(sum); KEEP(sum));
    report("doubling, two streams", t / 2, 8);
    BEST(t, 400, 100, add_fast(sum, addend); KEEP(sum));
    report("addition, two streams", t / 2, 8);
    BEST(t, 400, 100, add_complete(sum, addend); KEEP(sum));
    report("complete addition, two streams", t / 2, 8);
    fe8 a = random_fe8(), r[2], pair[2] = {random_fe8(), random_fe8()};
    BEST(t, 400, 2, fe8_inverse(&a, &a); KEEP(a));
    report("inversion", t, 8);
    BEST(t, 400, 2, fe8_sqrt_candidate_pair(r, pair); KEEP(r));
    report("square root, pair", t / 2, 8);
}

static void stages(void) {
    enum { KEYS = 8 * KEY_GROUPS, PER_KEY = 2 };
    static uint8_t digests[PER_KEY * KEYS][32], signatures[PER_KEY * KEYS][64], keys[KEYS][33];
    static uint8_t verdicts[PER_KEY * KEYS];
    static key_workspace w;
    static signature_group sig[CHUNK_SIGNATURES];
    static sums8 pairs[CHUNK_PAIRS];
    chunk c = {digests[0], signatures[0], verdicts, PER_KEY, {keys[0], KEYS, 0}, 0, 0, PER_KEY};
    const double count = PER_KEY * KEYS;
    gej8_sum sum[2];
    double t;
    for (int i = 0; i < KEYS; i++) {
        test_random_bytes(keys[i], 33);
        keys[i][0] = 2;
    }
    for (int i = 0; i < PER_KEY * KEYS; i++) {
        test_random_bytes(digests[i], 32);
        test_random_bytes(signatures[i], 64);
        signatures[i][32] &= 0x7f;
    }
    printf("  per signature, %d keys with %d signatures each:\n", KEYS, PER_KEY);
    BEST(t, 100, 1, for (size_t g = 0; g < KEY_GROUPS; g += 2) keys8_decompress(&w, &c.keys, g));
    report("decompress keys", t, count);
    BEST(t, 100, 1, keys8_second_half(&w, KEY_GROUPS));
    report("2^66 Q", t, count);
    BEST(t, 100, 1, keys8_tables(&w, KEY_GROUPS));
    report("tables", t, count);
    BEST(t, 100, 1, prepare_signatures(sig, &c, KEY_GROUPS));
    report("scalars", t, count);
    BEST(t, 100, 10, digits8_of_key_scalar(&pairs[0].digits[0], &sig[0].u2);
         digits8_of_g_scalar(&pairs[0].digits[0], &sig[0].u1));
    report("digits", t, 8);
    for (int i = 0; i < 2 * CHUNK_PAIRS; i++) {
        pairs[i / 2].tables[i % 2] = &w.tables[i / 2];
        digits8_of_key_scalar(&pairs[i / 2].digits[i % 2], &sig[i].u2);
        digits8_of_g_scalar(&pairs[i / 2].digits[i % 2], &sig[i].u1);
    }
    BEST(t, 100, 1, sums8_build(pairs, CHUNK_PAIRS));
    report("sums", t, 16 * CHUNK_PAIRS);
    BEST(t, 200, 1, run_ladder(sum, &pairs[0], add_fast); KEEP(sum));
    report("ladder", t, 16);
    BEST(t, 200, 1, vts_verify_batch(digests[0], signatures[0], keys[0], verdicts, KEYS, PER_KEY));
    report("everything", t, count);
}

int main(void) {
    test_start("bench_stages");
    if (!vts_kernel_supported() || vts_kernel_init() != 0) {
        printf("no AVX-512 IFMA here\n");
        return 0;
    }
    field();
    group();
    stages();
    return 0;
}
