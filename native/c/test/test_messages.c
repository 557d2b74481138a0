/*
 * vts_sha256_batch against published digests (FIPS 180-4, BIP 340 tagged hashes as BIP 341 uses them)
 * and against a plain SHA-256 that shares nothing with the kernel, not even its tables.
 */
#include "../vts_kernel.h"
#include "test_util.h"

enum { TASK = 16, DIGEST = 32, MOST = 40, LONGEST = 200, MEMORY = MOST * (LONGEST + 8) };

/* ---- the plain one: FIPS 180-4, sections 4 to 6, from the padding on */

typedef unsigned __int128 wide;

/* First 32 bits of the fractional part of the root of p: low word of floor(root * 2^32). */
static uint32_t fraction_of_root(unsigned p, int power) {
    wide low = 0, high = (wide)1 << 40, target = (wide)p << 32 * power;
    while (high - low > 1) {
        wide middle = (low + high) / 2, product = middle * middle;
        if (power == 3) {
            product *= middle;
        }
        if (product <= target) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (uint32_t)low;
}

static uint32_t plain_k[64], plain_start[8];

static void derive_constants(void) {
    unsigned p = 2;
    for (int i = 0; i < 64; p++) {
        int prime = 1;
        for (unsigned d = 2; d * d <= p; d++) {
            prime &= p % d != 0;
        }
        if (prime) {
            if (i < 8) {
                plain_start[i] = fraction_of_root(p, 2);
            }
            plain_k[i++] = fraction_of_root(p, 3);
        }
    }
}

static uint32_t ror(uint32_t x, int n) {
    return x >> n | x << (32 - n);
}

static void plain_block(uint32_t state[8], const uint8_t block[64]) {
    uint32_t w[64], s[8];
    for (int t = 0; t < 16; t++) {
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
            (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
    }
    for (int t = 16; t < 64; t++) {
        uint32_t a = w[t - 15], b = w[t - 2];
        w[t] = w[t - 16] + (ror(a, 7) ^ ror(a, 18) ^ a >> 3) + w[t - 7] +
            (ror(b, 17) ^ ror(b, 19) ^ b >> 10);
    }
    memcpy(s, state, sizeof s);
    for (int t = 0; t < 64; t++) {
        uint32_t t1 = s[7] + (ror(s[4], 6) ^ ror(s[4], 11) ^ ror(s[4], 25)) +
            ((s[4] & s[5]) ^ (~s[4] & s[6])) + plain_k[t] + w[t];
        uint32_t t2 = (ror(s[0], 2) ^ ror(s[0], 13) ^ ror(s[0], 22)) +
            ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof s[0]);
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) {
        state[i] += s[i];
    }
}

/* digest = SHA256(prefix || message); prefix of prefix_length bytes, 0 or 64. */
static void plain_sha256(uint8_t digest[DIGEST], const uint8_t *prefix, size_t prefix_length,
                         const uint8_t *message, size_t length) {
    uint32_t state[8];
    uint8_t block[64];
    size_t total = prefix_length + length, padded = (total + 8) / 64 * 64 + 64;
    uint64_t bits = 8 * (uint64_t)total;
    memcpy(state, plain_start, sizeof state);
    for (size_t at = 0; at < padded; at++) {
        uint8_t byte = 0;
        if (at < prefix_length) {
            byte = prefix[at];
        } else if (at < total) {
            byte = message[at - prefix_length];
        } else if (at == total) {
            byte = 0x80;
        } else if (at >= padded - 8) {
            byte = (uint8_t)(bits >> 8 * (padded - 1 - at));
        }
        block[at % 64] = byte;
        if (at % 64 == 63) {
            plain_block(state, block);
        }
    }
    for (int i = 0; i < DIGEST; i++) {
        digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

/* ---- tasks */

static void put_u32(uint8_t *at, size_t value) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> 8 * i);
    }
}

static void put_task(uint8_t *tasks, size_t i, size_t offset, size_t length, size_t digest) {
    uint8_t *task = tasks + TASK * i;
    put_u32(task, offset);
    put_u32(task + 4, length);
    put_u32(task + 8, digest);
    put_u32(task + 12, (size_t)test_random());
}

/* The digest of one message in each place of a batch whose other messages are of other lengths. */
static void expect_everywhere(const uint8_t *prefix, const uint8_t *message, size_t length,
                              const uint8_t want[DIGEST], const char *what) {
    static uint8_t tasks[TASK * MOST], digests[DIGEST * MOST];
    for (size_t count = 1; count <= 18; count++) {
        for (size_t place = 0; place < count; place++) {
            for (size_t i = 0; i < count; i++) {
                size_t other = test_random() % (length + 1);
                put_task(tasks, i, 0, i == place ? length : other, DIGEST * i);
            }
            vts_sha256_batch(prefix, message, tasks, digests, count);
            CHECK(memcmp(digests + DIGEST * place, want, DIGEST) == 0, "%s, %zu of %zu: %s", what,
                  place, count, test_hex(digests + DIGEST * place, DIGEST));
        }
    }
}

static void should_hash_the_examples_of_the_standard(void) {
    static const struct {
        const char *text, *hash;
    } EXAMPLES[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopq"
         "klmnopqrlmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"}};
    uint8_t want[DIGEST], got[DIGEST];
    for (int i = 0; i < 4; i++) {
        const uint8_t *text = (const uint8_t *)EXAMPLES[i].text;
        size_t length = strlen(EXAMPLES[i].text);
        test_from_hex(want, EXAMPLES[i].hash);
        plain_sha256(got, NULL, 0, text, length);
        CHECK(memcmp(got, want, DIGEST) == 0, "the plain one, example %d", i);
        expect_everywhere(NULL, text, length, want, EXAMPLES[i].text);
    }
}

static void should_hash_a_million_letters(void) {
    enum { MILLION = 1000000 };
    static uint8_t letters[MILLION];
    uint8_t want[DIGEST], tasks[3 * TASK], digests[3 * DIGEST];
    memset(letters, 'a', sizeof letters);
    test_from_hex(want, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    for (size_t i = 0; i < 3; i++) {
        put_task(tasks, i, 0, MILLION, DIGEST * i);
    }
    vts_sha256_batch(NULL, letters, tasks, digests, 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK(memcmp(digests + DIGEST * i, want, DIGEST) == 0, "a million letters, place %zu", i);
    }
}

/* BIP 341's wallet test vectors: leaf hash, then the tweak of a key without and with a tree. */
static void should_hash_tagged_messages_as_published(void) {
    static const struct {
        const char *tag, *message, *hash;
    } EXAMPLES[] = {
        {"TapTweak", "d6889cb081036e0faefa3a35157ad71086b123b2b144b649798b494c300a961d",
         "b86e7be8f39bab32a6f2c0443abbc210f0edac0e2c53d501b36b64437d9c6c70"},
        {"TapLeaf",
         "c02220d85a959b0290bf19bb89ed43c916be835475d013da4b362117393e25a48229b8ac",
         "5b75adecf53548f3ec6ad7d78383bf84cc57b55a3127c72b9a2481752dd88b21"},
        {"TapTweak",
         "187791b6f712a8ea41c8ecdd0ee77fab3e85263b37e1ec18a3651926b3a6cf27"
         "5b75adecf53548f3ec6ad7d78383bf84cc57b55a3127c72b9a2481752dd88b21",
         "cbd8679ba636c1110ea247542cfbd964131a6be84f873f7f3b62a777528ed001"}};
    uint8_t prefix[64], message[64], want[DIGEST];
    for (int i = 0; i < 3; i++) {
        plain_sha256(prefix, NULL, 0, (const uint8_t *)EXAMPLES[i].tag, strlen(EXAMPLES[i].tag));
        memcpy(prefix + 32, prefix, 32);
        test_from_hex(message, EXAMPLES[i].message);
        test_from_hex(want, EXAMPLES[i].hash);
        expect_everywhere(prefix, message, strlen(EXAMPLES[i].message) / 2, want, EXAMPLES[i].tag);
    }
}

/* Each length in each kind of neighbourhood: after the same, the next and far lengths. */
static void should_hash_every_length_as_the_plain_one(const uint8_t *prefix) {
    static uint8_t memory[LONGEST + MOST], tasks[TASK * (LONGEST + 1)];
    static uint8_t digests[DIGEST * (LONGEST + 1)];
    test_random_bytes(memory, sizeof memory);
    for (size_t step = 1; step <= 64; step += 21) {
        for (size_t i = 0; i <= LONGEST; i++) {
            /* No step shares a divisor with 201 = 3 * 67: every length comes once. */
            size_t length = i * step % (LONGEST + 1);
            put_task(tasks, i, i % MOST, length, DIGEST * length);
        }
        vts_sha256_batch(prefix, memory, tasks, digests, LONGEST + 1);
        for (size_t i = 0; i <= LONGEST; i++) {
            size_t length = i * step % (LONGEST + 1);
            uint8_t want[DIGEST];
            plain_sha256(want, prefix, prefix ? 64 : 0, memory + i % MOST, length);
            CHECK(memcmp(digests + DIGEST * length, want, DIGEST) == 0,
                  "length %zu at %zu, step %zu, prefix %d", length, i, step, prefix != NULL);
        }
    }
}

/* Any count, lengths, places and order of digests; nothing else of `digests` is written. */
static void should_write_the_digests_of_the_tasks_only(void) {
    enum { GAP = 8, STRIDE = DIGEST + GAP };
    static uint8_t memory[MEMORY], tasks[TASK * MOST + 1], digests[STRIDE * (MOST + 1)];
    uint8_t prefix[64], want[DIGEST], *unaligned = tasks + 1;
    size_t offset[MOST], length[MOST], place[MOST], count = test_random() % (MOST + 1);
    int tagged = test_random() & 1;
    test_random_bytes(prefix, sizeof prefix);
    test_random_bytes(memory, sizeof memory);
    memset(digests, 0xa5, sizeof digests);
    for (size_t i = 0; i < count; i++) {
        length[i] = test_random() % (LONGEST + 1);
        offset[i] = test_random() % (MEMORY - length[i]);
        size_t other = test_random() % (i + 1);
        place[i] = place[other];
        place[other] = i;
    }
    for (size_t i = 0; i < count; i++) {
        put_task(unaligned, i, offset[i], length[i], GAP + STRIDE * place[i]);
    }
    vts_sha256_batch(tagged ? prefix : NULL, memory, unaligned, digests, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t *got = digests + GAP + STRIDE * place[i];
        plain_sha256(want, prefix, tagged ? 64 : 0, memory + offset[i], length[i]);
        CHECK(memcmp(got, want, DIGEST) == 0, "message %zu of %zu, length %zu", i, count,
              length[i]);
        memset(got, 0xa5, DIGEST);
    }
    for (size_t i = 0; i < sizeof digests; i++) {
        CHECK(digests[i] == 0xa5, "byte %zu of the digests, %zu messages", i, count);
    }
}

int main(void) {
    uint8_t prefix[64];
    test_start("test_messages");
    derive_constants();
    should_hash_the_examples_of_the_standard();
    should_hash_a_million_letters();
    should_hash_tagged_messages_as_published();
    test_random_bytes(prefix, sizeof prefix);
    should_hash_every_length_as_the_plain_one(NULL);
    should_hash_every_length_as_the_plain_one(prefix);
    for (size_t i = 0, cases = test_cases(500); i < cases; i++) {
        should_write_the_digests_of_the_tasks_only();
    }
    return test_end("test_messages");
}
