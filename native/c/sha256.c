#include "sha256.h"

#include <string.h>

const uint32_t SHA256_START[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                                  0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

_Alignas(64) const uint32_t SHA256_K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* The round instructions keep the chaining value as (A B E F) and (C D G H). */
typedef struct {
    __m128i abef, cdgh;
} packed;

static inline packed pack(const uint32_t state[8]) {
    __m128i dcba = _mm_loadu_si128((const __m128i *)(const void *)state);
    __m128i hgfe = _mm_loadu_si128((const __m128i *)(const void *)(state + 4));
    __m128i cdab = _mm_shuffle_epi32(dcba, 0xb1), efgh = _mm_shuffle_epi32(hgfe, 0x1b);
    return (packed){_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xf0)};
}

static inline void unpack(uint32_t state[8], packed p) {
    __m128i feba = _mm_shuffle_epi32(p.abef, 0x1b), dchg = _mm_shuffle_epi32(p.cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

static inline __m128i load_words(const uint8_t *data) {
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)data), order);
}

/*
 * Rounds 4 t .. 4 t + 3 on w[t mod 4], and from t = 4 on the message schedule (FIPS 180-4, 6.2.2)
 * before them.
 */
static inline __attribute__((always_inline)) void four_rounds(packed *p, __m128i w[4], int t) {
    if (t >= 4) {
        __m128i sum = _mm_sha256msg1_epu32(w[t & 3], w[(t + 1) & 3]);
        sum = _mm_add_epi32(sum, _mm_alignr_epi8(w[(t + 3) & 3], w[(t + 2) & 3], 4));
        w[t & 3] = _mm_sha256msg2_epu32(sum, w[(t + 3) & 3]);
    }
    __m128i m = _mm_add_epi32(w[t & 3],
                              _mm_load_si128((const __m128i *)(const void *)(SHA256_K + 4 * t)));
    p->cdgh = _mm_sha256rnds2_epu32(p->cdgh, p->abef, m);
    p->abef = _mm_sha256rnds2_epu32(p->abef, p->cdgh, _mm_shuffle_epi32(m, 0x0e));
}

void sha256_compress(uint32_t state[8], const uint8_t *data, size_t blocks) {
    packed p = pack(state);
    for (; blocks > 0; blocks--, data += 64) {
        packed start = p;
        __m128i w[4];
        for (int i = 0; i < 4; i++) {
            w[i] = load_words(data + 16 * i);
        }
#pragma GCC unroll 16
        for (int t = 0; t < 16; t++) {
            four_rounds(&p, w, t);
        }
        p.abef = _mm_add_epi32(p.abef, start.abef);
        p.cdgh = _mm_add_epi32(p.cdgh, start.cdgh);
    }
    unpack(state, p);
}

/* `streams` is a constant wherever this is compiled in. */
static inline __attribute__((always_inline)) void
compress_side_by_side(const int streams, uint32_t *const state[], const uint8_t *const data[],
                      size_t blocks) {
    packed p[4], start[4];
#pragma GCC unroll 4
    for (int k = 0; k < streams; k++) {
        p[k] = pack(state[k]);
    }
    for (size_t at = 0; at < 64 * blocks; at += 64) {
        __m128i w[4][4];
#pragma GCC unroll 4
        for (int k = 0; k < streams; k++) {
            start[k] = p[k];
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                w[k][i] = load_words(data[k] + at + 16 * i);
            }
        }
#pragma GCC unroll 16
        for (int t = 0; t < 16; t++) {
#pragma GCC unroll 4
            for (int k = 0; k < streams; k++) {
                four_rounds(&p[k], w[k], t);
            }
        }
#pragma GCC unroll 4
        for (int k = 0; k < streams; k++) {
            p[k].abef = _mm_add_epi32(p[k].abef, start[k].abef);
            p[k].cdgh = _mm_add_epi32(p[k].cdgh, start[k].cdgh);
        }
    }
#pragma GCC unroll 4
    for (int k = 0; k < streams; k++) {
        unpack(state[k], p[k]);
    }
}

void sha256_compress2(uint32_t *const state[2], const uint8_t *const data[2], size_t blocks) {
    compress_side_by_side(2, state, data, blocks);
}

void sha256_compress4(uint32_t *const state[4], const uint8_t *const data[4], size_t blocks) {
    compress_side_by_side(4, state, data, blocks);
}

void sha256_finish(uint8_t digest[32], const uint32_t state[8], uint64_t before,
                   const uint8_t *data, size_t length) {
    uint32_t h[8];
    uint8_t last[128] = {0};
    size_t whole = length / 64, rest = length % 64, blocks = rest < 56 ? 1 : 2;
    memcpy(h, state, sizeof h);
    sha256_compress(h, data, whole);
    memcpy(last, data + 64 * whole, rest);
    last[rest] = 0x80;
    uint64_t bits = __builtin_bswap64(8 * (before + length));
    memcpy(last + 64 * blocks - 8, &bits, 8);
    sha256_compress(h, last, blocks);
    sha256_write(digest, h);
}

void sha256_write(uint8_t digest[32], const uint32_t state[8]) {
    const __m256i order = _mm256_broadcastsi128_si256(
        _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
    __m256i words = _mm256_loadu_si256((const __m256i *)(const void *)state);
    _mm256_storeu_si256((__m256i *)(void *)digest, _mm256_shuffle_epi8(words, order));
}

void sha256(uint8_t digest[32], const uint8_t *data, size_t length) {
    sha256_finish(digest, SHA256_START, 0, data, length);
}

void sha256_tag(uint32_t state[8], const char *tag) {
    uint8_t block[64];
    sha256(block, (const uint8_t *)tag, strlen(tag));
    memcpy(block + 32, block, 32);
    memcpy(state, SHA256_START, 32);
    sha256_compress(state, block, 1);
}
