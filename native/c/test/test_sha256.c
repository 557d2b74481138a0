/*
 * SHA-256 against a plain implementation written after FIPS 180-4, and against its published
 * examples.
 */
#include "../sha256.h"
#include "test_util.h"

static uint32_t ror(uint32_t x, int n) {
    return x >> n | x << (32 - n);
}

/* FIPS 180-4, 6.2.2, word by word. */
static void model_compress(uint32_t state[8], const uint8_t block[64]) {
    uint32_t w[64], s[8];
    for (int t = 0; t < 64; t++) {
        if (t < 16) {
            w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
                (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
        } else {
            uint32_t s0 = ror(w[t - 15], 7) ^ ror(w[t - 15], 18) ^ w[t - 15] >> 3;
            uint32_t s1 = ror(w[t - 2], 17) ^ ror(w[t - 2], 19) ^ w[t - 2] >> 10;
            w[t] = w[t - 16] + s0 + w[t - 7] + s1;
        }
    }
    memcpy(s, state, sizeof s);
    for (int t = 0; t < 64; t++) {
        uint32_t t1 = s[7] + (ror(s[4], 6) ^ ror(s[4], 11) ^ ror(s[4], 25)) +
            ((s[4] & s[5]) ^ (~s[4] & s[6])) + SHA256_K[t] + w[t];
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

static void should_compress_as_the_model(void) {
    uint8_t data[4][3 * 64];
    uint32_t start[4][8], one[4][8], two[4][8], four[4][8], want[4][8];
    size_t blocks = test_random() % 4;
    test_random_bytes(data[0], sizeof data);
    test_random_bytes((uint8_t *)start, sizeof start);
    memcpy(want, start, sizeof want);
    memcpy(one, start, sizeof one);
    memcpy(two, start, sizeof two);
    memcpy(four, start, sizeof four);
    for (int k = 0; k < 4; k++) {
        for (size_t i = 0; i < blocks; i++) {
            model_compress(want[k], data[k] + 64 * i);
        }
        sha256_compress(one[k], data[k], blocks);
    }
    sha256_compress2((uint32_t *[]){two[0], two[1]}, (const uint8_t *[]){data[0], data[1]},
                     blocks);
    sha256_compress2((uint32_t *[]){two[3], two[2]}, (const uint8_t *[]){data[3], data[2]},
                     blocks);
    sha256_compress4((uint32_t *[]){four[2], four[0], four[3], four[1]},
                     (const uint8_t *[]){data[2], data[0], data[3], data[1]}, blocks);
    CHECK(memcmp(one, want, sizeof want) == 0, "%zu blocks", blocks);
    CHECK(memcmp(two, want, sizeof want) == 0, "%zu blocks, two streams", blocks);
    CHECK(memcmp(four, want, sizeof want) == 0, "%zu blocks, four streams", blocks);
}

static void should_write_big_endian(void) {
    uint32_t state[8];
    uint8_t got[32];
    test_random_bytes((uint8_t *)state, sizeof state);
    sha256_write(got, state);
    for (int i = 0; i < 32; i++) {
        CHECK(got[i] == (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4))), "byte %d", i);
    }
}

static void should_compress_sixteen_as_the_model(void) {
    uint8_t data[16][64];
    uint32_t want[16][8], columns[16][16];
    __m512i state[8], block[16];
    for (int lane = 0; lane < 16; lane++) {
        test_random_bytes(data[lane], 64);
        test_random_bytes((uint8_t *)want[lane], 32);
    }
    for (int i = 0; i < 16; i++) {
        for (int lane = 0; lane < 16; lane++) {
            uint32_t word;
            memcpy(&word, data[lane] + 4 * i, 4);
            columns[i][lane] = __builtin_bswap32(word);
        }
        block[i] = _mm512_loadu_si512(columns[i]);
    }
    for (int i = 0; i < 8; i++) {
        for (int lane = 0; lane < 16; lane++) {
            columns[i][lane] = want[lane][i];
        }
        state[i] = _mm512_loadu_si512(columns[i]);
    }
    sha256_compress16(state, block);
    for (int lane = 0; lane < 16; lane++) {
        model_compress(want[lane], data[lane]);
        for (int i = 0; i < 8; i++) {
            _mm512_storeu_si512(columns[i], state[i]);
            CHECK(columns[i][lane] == want[lane][i], "lane %d word %d", lane, i);
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
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}};
    for (int i = 0; i < 3; i++) {
        uint8_t want[32], got[32];
        test_from_hex(want, EXAMPLES[i].hash);
        sha256(got, (const uint8_t *)EXAMPLES[i].text, strlen(EXAMPLES[i].text));
        CHECK(memcmp(got, want, 32) == 0, "example %d", i);
    }
}

/*
 * Every length up to three blocks, so that the padding meets every border; split after a midstate,
 * too.
 */
static void should_pad_every_length(void) {
    uint8_t data[200], padded[256], got[32], split[32];
    test_random_bytes(data, sizeof data);
    for (size_t length = 0; length <= sizeof data; length++) {
        uint32_t state[8];
        memset(padded, 0, sizeof padded);
        memcpy(padded, data, length);
        padded[length] = 0x80;
        size_t total = (length + 8) / 64 * 64 + 64;
        padded[total - 2] = (uint8_t)(8 * length >> 8);
        padded[total - 1] = (uint8_t)(8 * length);
        memcpy(state, SHA256_START, 32);
        for (size_t i = 0; i < total; i += 64) {
            model_compress(state, padded + i);
        }
        for (int i = 0; i < 8; i++) {
            state[i] = __builtin_bswap32(state[i]);
        }
        sha256(got, data, length);
        CHECK(memcmp(got, state, 32) == 0, "length %zu", length);
        if (length >= 64) {
            memcpy(state, SHA256_START, 32);
            sha256_compress(state, data, 1);
            sha256_finish(split, state, 64, data + 64, length - 64);
            CHECK(memcmp(got, split, 32) == 0, "length %zu after a midstate", length);
        }
    }
}

static void should_start_tagged_hashes(void) {
    uint8_t twice[64 + 5], want[32], got[32];
    uint32_t state[8];
    sha256(twice, (const uint8_t *)"vts/claim/1", 11);
    memcpy(twice + 32, twice, 32);
    memcpy(twice + 64, "hello", 5);
    sha256(want, twice, sizeof twice);
    sha256_tag(state, "vts/claim/1");
    sha256_finish(got, state, 64, twice + 64, 5);
    CHECK(memcmp(got, want, 32) == 0, "tagged hash");
}

int main(void) {
    test_start("test_sha256");
    should_hash_the_examples_of_the_standard();
    should_pad_every_length();
    should_start_tagged_hashes();
    for (size_t i = 0, cases = test_cases(1000); i < cases; i++) {
        should_compress_as_the_model();
        should_write_big_endian();
        should_compress_sixteen_as_the_model();
    }
    return test_end("test_sha256");
}
