/*
 * SipHash-2-4 (J.-P. Aumasson, D. J. Bernstein: SipHash, a fast short-input PRF, 2012), eight
 * messages of one length in the 64-bit lanes of AVX-512, under one or two keys at the same time. Its
 * rotations are instructions here, and nothing but lengths decides what is done.
 */
#include <immintrin.h>
#include <string.h>

#include "vts_kernel.h"

enum { LANES = 8, WORDS = 8, MOST_KEYS = 2, CHUNK = 8 * WORDS };

#define ADD(x, y) _mm512_add_epi64(x, y)
#define XOR(x, y) _mm512_xor_si512(x, y)
#define ROL(x, n) _mm512_rol_epi64(x, n)
#define EACH_KEY _Pragma("GCC unroll 2") for (int k = 0; k < keys; k++)

/* Functions over `keys`, 1 or 2, which is a constant wherever they are compiled in. */
#define FOR_KEYS static inline __attribute__((always_inline))

typedef struct {
    __m512i v0[MOST_KEYS], v1[MOST_KEYS], v2[MOST_KEYS], v3[MOST_KEYS];
} states;

FOR_KEYS void sip_rounds(states *s, const int keys, int rounds) {
    for (int i = 0; i < rounds; i++) {
        EACH_KEY {
            s->v0[k] = ADD(s->v0[k], s->v1[k]);
            s->v2[k] = ADD(s->v2[k], s->v3[k]);
            s->v1[k] = XOR(ROL(s->v1[k], 13), s->v0[k]);
            s->v3[k] = XOR(ROL(s->v3[k], 16), s->v2[k]);
            s->v0[k] = ADD(ROL(s->v0[k], 32), s->v3[k]);
            s->v2[k] = ADD(s->v2[k], s->v1[k]);
            s->v3[k] = XOR(ROL(s->v3[k], 21), s->v0[k]);
            s->v1[k] = XOR(ROL(s->v1[k], 17), s->v2[k]);
            s->v2[k] = ROL(s->v2[k], 32);
        }
    }
}

FOR_KEYS void take_word(states *s, const int keys, __m512i word) {
    EACH_KEY {
        s->v3[k] = XOR(s->v3[k], word);
    }
    sip_rounds(s, keys, 2);
    EACH_KEY {
        s->v0[k] = XOR(s->v0[k], word);
    }
}

/* word[j] = word j of each row. */
static inline void transpose(__m512i word[WORDS], const __m512i row[LANES]) {
    __m512i pair[WORDS];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        pair[2 * i] = _mm512_unpacklo_epi64(row[2 * i], row[2 * i + 1]);
        pair[2 * i + 1] = _mm512_unpackhi_epi64(row[2 * i], row[2 * i + 1]);
    }
    /* pair[2 i + j]: words j, j + 2, j + 4, j + 6 of rows 2 i and 2 i + 1 in its four parts */
#pragma GCC unroll 2
    for (int j = 0; j < 2; j++) {
        __m512i a = _mm512_shuffle_i64x2(pair[j], pair[2 + j], 0x88);
        __m512i b = _mm512_shuffle_i64x2(pair[j], pair[2 + j], 0xdd);
        __m512i c = _mm512_shuffle_i64x2(pair[4 + j], pair[6 + j], 0x88);
        __m512i d = _mm512_shuffle_i64x2(pair[4 + j], pair[6 + j], 0xdd);
        word[j] = _mm512_shuffle_i64x2(a, c, 0x88);
        word[4 + j] = _mm512_shuffle_i64x2(a, c, 0xdd);
        word[2 + j] = _mm512_shuffle_i64x2(b, d, 0x88);
        word[6 + j] = _mm512_shuffle_i64x2(b, d, 0xdd);
    }
}

/* Words of up to 64 bytes at the same offset of each message; zeros behind the messages' end. */
static inline void load_words(__m512i word[WORDS], const uint8_t *const at[LANES], size_t offset,
                              size_t length) {
    size_t left = length - offset;
    __mmask64 mask = left >= CHUNK ? ~0ULL : _bzhi_u64(~0ULL, (unsigned)left);
    __m512i row[LANES];
#pragma GCC unroll 8
    for (int i = 0; i < LANES; i++) {
        row[i] = _mm512_maskz_loadu_epi8(mask, at[i] + offset);
    }
    transpose(word, row);
}

FOR_KEYS void hash_lanes(__m512i hash[MOST_KEYS], const int keys, const uint64_t key[][2],
                         const uint8_t *const at[LANES], size_t length) {
    states s;
    size_t words = length / 8 + 1, last = length / 8 % WORDS;
    const __m512i end = _mm512_set1_epi64((long long)((uint64_t)length << 56));
    EACH_KEY {
        s.v0[k] = _mm512_set1_epi64((long long)(key[k][0] ^ 0x736f6d6570736575));
        s.v1[k] = _mm512_set1_epi64((long long)(key[k][1] ^ 0x646f72616e646f6d));
        s.v2[k] = _mm512_set1_epi64((long long)(key[k][0] ^ 0x6c7967656e657261));
        s.v3[k] = _mm512_set1_epi64((long long)(key[k][1] ^ 0x7465646279746573));
    }
    for (size_t first = 0; first < words; first += WORDS) {
        __m512i word[WORDS];
        size_t some = words - first < WORDS ? words - first : WORDS;
        load_words(word, at, 8 * first, length);
        if (first + some == words) {
            word[last] = _mm512_or_si512(word[last], end);
        }
        for (size_t i = 0; i < some; i++) {
            take_word(&s, keys, word[i]);
        }
    }
    EACH_KEY {
        s.v2[k] = XOR(s.v2[k], _mm512_set1_epi64(0xff));
    }
    sip_rounds(&s, keys, 4);
    EACH_KEY {
        hash[k] = XOR(XOR(s.v0[k], s.v1[k]), XOR(s.v2[k], s.v3[k]));
    }
}

/* `key_count` keys and their hashes, `count` apart. */
FOR_KEYS void hash_all(const int keys, const uint64_t key[][2], const uint8_t *messages,
                       size_t stride, size_t length, uint64_t *hashes, size_t count) {
    for (size_t i = 0; i < count; i += LANES) {
        const uint8_t *at[LANES];
        __m512i hash[MOST_KEYS];
        size_t left = count - i;
        __mmask8 lanes = left < LANES ? (__mmask8)((1U << left) - 1) : 0xff;
        for (size_t lane = 0; lane < LANES; lane++) {
            at[lane] = messages + stride * (i + (lane < left ? lane : 0));
        }
        hash_lanes(hash, keys, key, at, length);
        EACH_KEY {
            _mm512_mask_storeu_epi64(hashes + (size_t)k * count + i, lanes, hash[k]);
        }
    }
}

void vts_siphash_batch(const uint8_t *keys, size_t key_count, const uint8_t *messages,
                       size_t stride, size_t length, uint64_t *hashes, size_t count) {
    uint64_t key[MOST_KEYS][2];
    for (size_t done = 0, some; done < key_count; done += some) {
        some = key_count - done < MOST_KEYS ? 1 : MOST_KEYS;
        memcpy(key, keys + 16 * done, 16 * some); /* little-endian, as x86 is */
        if (some == 1) {
            hash_all(1, key, messages, stride, length, hashes + done * count, count);
        } else {
            hash_all(2, key, messages, stride, length, hashes + done * count, count);
        }
    }
}
