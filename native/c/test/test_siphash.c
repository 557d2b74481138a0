/*
 * vts_siphash_batch against the function's published vectors and a plain implementation, for every
 * length up to three chunks, and without a look behind the last message.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "../vts_kernel.h"
#include "test_util.h"

enum { MOST = 19, LONGEST = 200, STRIDE = 211, KEYS = 3 };

static uint64_t rol(uint64_t x, int n) {
    return x << n | x >> (64 - n);
}

static void plain_round(uint64_t v[4]) {
    v[0] += v[1];
    v[1] = rol(v[1], 13);
    v[1] ^= v[0];
    v[0] = rol(v[0], 32);
    v[2] += v[3];
    v[3] = rol(v[3], 16);
    v[3] ^= v[2];
    v[0] += v[3];
    v[3] = rol(v[3], 21);
    v[3] ^= v[0];
    v[2] += v[1];
    v[1] = rol(v[1], 17);
    v[1] ^= v[2];
    v[2] = rol(v[2], 32);
}

/* Section 2 of the paper, word by word. */
static uint64_t plain_siphash(const uint8_t key[16], const uint8_t *message, size_t length) {
    uint64_t k[2], v[4];
    memcpy(k, key, 16);
    v[0] = k[0] ^ 0x736f6d6570736575;
    v[1] = k[1] ^ 0x646f72616e646f6d;
    v[2] = k[0] ^ 0x6c7967656e657261;
    v[3] = k[1] ^ 0x7465646279746573;
    for (size_t word = 0; word <= length / 8; word++) {
        uint64_t m = word == length / 8 ? (uint64_t)length << 56 : 0;
        for (size_t i = 0; i < 8 && 8 * word + i < length; i++) {
            m |= (uint64_t)message[8 * word + i] << 8 * i;
        }
        v[3] ^= m;
        plain_round(v);
        plain_round(v);
        v[0] ^= m;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++) {
        plain_round(v);
    }
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Key 00 01 .. 0f, messages of 0, 1, 2, 3 and 15 bytes 00 01 02 .., in every place of a batch. */
static void should_agree_with_the_published_vectors(void) {
    static const struct {
        size_t length;
        uint64_t hash;
    } VECTORS[] = {{0, 0x726fdb47dd0e0e31},
                   {1, 0x74f839c593dc67fd},
                   {2, 0x0d6c8009d9a94f5a},
                   {3, 0x85676696d7fb7e2d},
                   {15, 0xa129ca6149be45e5}};
    uint8_t key[16], message[15];
    uint64_t hashes[MOST];
    for (uint8_t i = 0; i < 16; i++) {
        key[i] = i;
    }
    for (uint8_t i = 0; i < 15; i++) {
        message[i] = i;
    }
    for (size_t v = 0; v < sizeof VECTORS / sizeof VECTORS[0]; v++) {
        for (size_t count = 1; count <= MOST; count++) {
            vts_siphash_batch(key, 1, message, 0, VECTORS[v].length, hashes, count);
            for (size_t i = 0; i < count; i++) {
                CHECK(hashes[i] == VECTORS[v].hash, "length %zu, %zu of %zu: %016lx",
                      VECTORS[v].length, i, count, (unsigned long)hashes[i]);
            }
        }
    }
}

static void should_hash_as_the_plain_one(size_t length) {
    static uint8_t messages[MOST * STRIDE], keys[KEYS * 16];
    static uint64_t hashes[KEYS * MOST + 1];
    size_t count = test_random() % (MOST + 1), key_count = test_random() % (KEYS + 1);
    test_random_bytes(messages, sizeof messages);
    test_random_bytes(keys, sizeof keys);
    hashes[key_count * count] = 0xa5;
    vts_siphash_batch(keys, key_count, messages, STRIDE, length, hashes, count);
    for (size_t k = 0; k < key_count; k++) {
        for (size_t i = 0; i < count; i++) {
            uint64_t want = plain_siphash(keys + 16 * k, messages + STRIDE * i, length);
            CHECK(hashes[k * count + i] == want, "length %zu, key %zu, message %zu of %zu", length,
                  k, i, count);
        }
    }
    CHECK(hashes[key_count * count] == 0xa5, "wrote past %zu hashes", key_count * count);
}

static void should_read_no_further_than_the_last_message(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t key[16], *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t hashes[5];
    CHECK(pages != MAP_FAILED && mprotect(pages + page, page, PROT_NONE) == 0, "no guarded page");
    test_random_bytes(key, sizeof key);
    test_random_bytes(pages, page);
    for (size_t length = 0; length <= 130; length++) {
        const uint8_t *first = pages + page - 5 * length;
        vts_siphash_batch(key, 1, first, length, length, hashes, 5);
        CHECK(hashes[4] == plain_siphash(key, first + 4 * length, length), "length %zu", length);
    }
    munmap(pages, 2 * page);
}

int main(void) {
    test_start("test_siphash");
    should_agree_with_the_published_vectors();
    should_read_no_further_than_the_last_message();
    for (size_t i = 0, cases = test_cases(10) + 1; i < cases; i++) {
        for (size_t length = 0; length <= LONGEST; length++) {
            should_hash_as_the_plain_one(length);
        }
    }
    return test_end("test_siphash");
}
