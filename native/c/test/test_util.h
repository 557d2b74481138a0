/*
 * What the C tests share: a seeded generator (seed printed, taken back from the environment
 * variable VTS_SEED), checks that name what failed, hexadecimal.
 */
#ifndef VTS_TEST_UTIL_H
#define VTS_TEST_UTIL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t test_state;
static uint64_t test_checks;

/* splitmix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014) */
static inline uint64_t test_random(void) {
    uint64_t z = test_state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

static inline void test_start(const char *name) {
    const char *given = getenv("VTS_SEED");
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    uint64_t drawn = (uint64_t)now.tv_sec * 1000000007ULL ^ (uint64_t)now.tv_nsec;
    uint64_t seed = given ? strtoull(given, NULL, 0) : drawn;
    test_state = seed;
    printf("%s: VTS_SEED=%llu\n", name, (unsigned long long)seed);
}

static inline int test_end(const char *name) {
    printf("%s: ok, %llu checks\n", name, (unsigned long long)test_checks);
    return 0;
}

/*
 * Number of random cases: the test's own, times VTS_TEST_SCALE (long profile), divided by
 * VTS_TEST_SCALE_DOWN (checked builds); at least one.
 */
static inline size_t test_cases(size_t usual) {
    const char *up = getenv("VTS_TEST_SCALE"), *down = getenv("VTS_TEST_SCALE_DOWN");
    size_t cases = usual * (up ? strtoull(up, NULL, 0) : 1);
    cases /= down ? strtoull(down, NULL, 0) : 1;
    return cases ? cases : 1;
}

#define CHECK(condition, ...)                                        \
    do {                                                             \
        test_checks++;                                               \
        if (!(condition)) {                                          \
            printf("FAILED %s:%d %s ", __FILE__, __LINE__, #condition); \
            printf(__VA_ARGS__);                                     \
            printf("\n");                                            \
            exit(1);                                                 \
        }                                                            \
    } while (0)

/*
 * Random bytes; one call in four gives long runs of ones and zeros instead, which exercise carries.
 */
static inline void test_random_bytes(uint8_t *bytes, size_t length) {
    if ((test_random() & 3) == 0) {
        for (size_t i = 0; i < 8 * length;) {
            uint64_t draw = test_random();
            uint64_t run = 1 + (draw >> 8) % 64, bit = draw & 1;
            for (; run > 0 && i < 8 * length; run--, i++) {
                bytes[i / 8] = (uint8_t)((bytes[i / 8] & ~(1U << i % 8)) | (unsigned)bit << i % 8);
            }
        }
        return;
    }
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)(test_random() >> 40);
    }
}

static inline void test_from_hex(uint8_t *bytes, const char *hex) {
    for (size_t i = 0; hex[2 * i]; i++) {
        unsigned value;
        CHECK(sscanf(hex + 2 * i, "%2x", &value) == 1, "%s", hex);
        bytes[i] = (uint8_t)value;
    }
}

static inline const char *test_hex(const uint8_t *bytes, size_t length) {
    static char text[4][520];
    static unsigned next;
    char *out = text[next++ & 3];
    for (size_t i = 0; i < length && i < 256; i++) {
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
    return out;
}

#endif
