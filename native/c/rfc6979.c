#include "rfc6979.h"

#include <string.h>

#include "sha256.h"
#include "wipe.h"

/*
 * An HMAC key in use: the chaining values after its inner and outer padded block (RFC 2104), one
 * key per lane.
 */
typedef struct {
    __m512i inner[8], outer[8];
} hmac16;

static inline __m512i word16(uint32_t word) {
    return _mm512_set1_epi32((int)word);
}

static inline void broadcast16(__m512i to[8], const uint32_t from[8]) {
    for (int i = 0; i < 8; i++) {
        to[i] = word16(from[i]);
    }
}

static inline void copy16(__m512i to[8], const __m512i from[8]) {
    for (int i = 0; i < 8; i++) {
        to[i] = from[i];
    }
}

/*
 * Closes a block whose words below `used` are set: the 1 bit, zeros, and the length of the message
 * in bits.
 */
static inline void pad16(__m512i block[16], int used, uint32_t message_bytes) {
    block[used] = word16(0x80000000);
    for (int i = used + 1; i < 15; i++) {
        block[i] = _mm512_setzero_si512();
    }
    block[15] = word16(8 * message_bytes);
}

static void hmac16_key(hmac16 *hmac, const __m512i key[8]) {
    __m512i block[16];
    for (int pass = 0; pass < 2; pass++) {
        __m512i padding = word16(pass == 0 ? 0x36363636 : 0x5c5c5c5c);
        __m512i *state = pass == 0 ? hmac->inner : hmac->outer;
        for (int i = 0; i < 16; i++) {
            block[i] = i < 8 ? _mm512_xor_si512(key[i], padding) : padding;
        }
        broadcast16(state, SHA256_START);
        sha256_compress16(state, block);
    }
}

/* mac = outer hash over the 32-byte inner hash. */
static void hmac16_close(__m512i mac[8], const hmac16 *hmac, const __m512i inner[8]) {
    __m512i block[16];
    copy16(block, inner);
    pad16(block, 8, 64 + 32);
    copy16(mac, hmac->outer);
    sha256_compress16(mac, block);
}

/* v = HMAC(v), the step that RFC 6979 writes V = HMAC_K(V). */
static void hmac16_step(__m512i v[8], const hmac16 *hmac) {
    __m512i block[16], inner[8];
    copy16(block, v);
    pad16(block, 8, 64 + 32);
    copy16(inner, hmac->inner);
    sha256_compress16(inner, block);
    hmac16_close(v, hmac, inner);
}

/*
 * The message V || marker || key || digest is 97 bytes, and after V all lies one byte off the words.
 * first: words 8..15 of its first block; second: its second block.
 */
typedef struct {
    __m512i first[8], second[16];
} seed16;

static void seed16_init(seed16 *seed, const uint32_t key[8], const __m512i digest[8]) {
    for (int i = 0; i < 8; i++) {
        seed->first[i] = word16((i == 0 ? 0 : key[i - 1] << 24) | key[i] >> 8);
        __m512i before = i == 0 ? word16(key[7]) : digest[i - 1];
        seed->second[i] = _mm512_or_si512(_mm512_slli_epi32(before, 24),
                                          _mm512_srli_epi32(digest[i], 8));
    }
    pad16(seed->second, 9, 64 + 97);
    seed->second[9] = _mm512_setzero_si512();
    seed->second[8] = _mm512_or_si512(_mm512_slli_epi32(digest[7], 24), word16(0x00800000));
}

/*
 * The eight 64-bit words of two scalar8 as sixteen lanes of 32-bit big-endian words, most
 * significant first, and back.
 */
static inline void words_from_scalars(__m512i word[8], const scalar8 a[2]) {
    __m256i half[2][8];
    for (int j = 0; j < 2; j++) {
        const __m512i *v = a[j].v;
        __m512i w[4];
        w[3] = _mm512_or_si512(v[0], _mm512_slli_epi64(v[1], 52));
        w[2] = _mm512_or_si512(_mm512_srli_epi64(v[1], 12), _mm512_slli_epi64(v[2], 40));
        w[1] = _mm512_or_si512(_mm512_srli_epi64(v[2], 24), _mm512_slli_epi64(v[3], 28));
        w[0] = _mm512_or_si512(_mm512_srli_epi64(v[3], 36), _mm512_slli_epi64(v[4], 16));
        for (int i = 0; i < 4; i++) {
            half[j][2 * i] = _mm512_cvtepi64_epi32(_mm512_srli_epi64(w[i], 32));
            half[j][2 * i + 1] = _mm512_cvtepi64_epi32(w[i]);
        }
    }
    for (int i = 0; i < 8; i++) {
        word[i] = _mm512_inserti64x4(_mm512_castsi256_si512(half[0][i]), half[1][i], 1);
    }
}

static inline __m256i half_of(__m512i x, int upper) {
    return upper ? _mm512_extracti64x4_epi64(x, 1) : _mm512_castsi512_si256(x);
}

static inline __mmask16 scalars_from_words(scalar8 r[2], const __m512i word[8]) {
    const __m512i limb = scalar8_set1(SCALAR8_LIMB);
    __mmask16 unusable = 0;
    for (int j = 0; j < 2; j++) {
        __m512i w[4], number[5];
        for (int i = 0; i < 4; i++) {
            __m256i high = half_of(word[2 * i], j), low = half_of(word[2 * i + 1], j);
            w[i] = _mm512_or_si512(_mm512_slli_epi64(_mm512_cvtepu32_epi64(high), 32),
                                   _mm512_cvtepu32_epi64(low));
        }
        number[0] = _mm512_and_si512(w[3], limb);
        number[1] = _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(w[3], 52),
                                                     _mm512_slli_epi64(w[2], 12)), limb);
        number[2] = _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(w[2], 40),
                                                     _mm512_slli_epi64(w[1], 24)), limb);
        number[3] = _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(w[1], 28),
                                                     _mm512_slli_epi64(w[0], 36)), limb);
        number[4] = _mm512_srli_epi64(w[0], 16);
        __mmask8 over = scalar8_reduce_once(&r[j], number);
        unusable |= (__mmask16)((__mmask16)(over | scalar8_is_zero(&r[j])) << 8 * j);
    }
    return unusable;
}

/* HMAC with the key K = 32 zero bytes, with which RFC 6979 starts (3.2.c). */
static void hmac_of_zero(uint32_t inner[8], uint32_t outer[8]) {
    uint8_t block[64];
    memset(block, 0x36, sizeof block);
    memcpy(inner, SHA256_START, 32);
    sha256_compress(inner, block, 1);
    memset(block, 0x5c, sizeof block);
    memcpy(outer, SHA256_START, 32);
    sha256_compress(outer, block, 1);
}

void rfc6979_key_init(rfc6979_key *key, const uint8_t secret_key32[32]) {
    uint8_t block[64];
    uint32_t outer[8];
    for (int i = 0; i < 8; i++) {
        uint32_t word;
        memcpy(&word, secret_key32 + 4 * i, 4);
        key->key[i] = __builtin_bswap32(word);
    }
    memset(block, 0x01, 32); /* V (3.2.b) */
    block[32] = 0x00;
    memcpy(block + 33, secret_key32, 31);
    hmac_of_zero(key->seeded, outer);
    sha256_compress(key->seeded, block, 1);
    wipe(block, sizeof block);
}

/*
 * The steps of RFC 6979, 3.2, by their letters; in compressions: 2 + 4 + 3 + 4 + 2 = 15 for a nonce
 * at the first attempt.
 */
__mmask16 rfc6979_nonces16(scalar8 nonce[2], const rfc6979_key *key, const scalar8 digest[2],
                           unsigned attempt) {
    struct {
        hmac16 hmac;
        seed16 seed;
        __m512i k[8], v[8], block[16];
    } s;
    uint32_t zero_inner[8], zero_outer[8];
    words_from_scalars(s.v, digest);
    seed16_init(&s.seed, key->key, s.v);

    hmac_of_zero(zero_inner, zero_outer); /* d: K = HMAC_0(V || 0 || key || digest) */
    broadcast16(s.hmac.outer, zero_outer);
    broadcast16(s.k, key->seeded);
    sha256_compress16(s.k, s.seed.second);
    hmac16_close(s.k, &s.hmac, s.k);
    for (int i = 0; i < 8; i++) {
        s.v[i] = word16(0x01010101);
    }
    hmac16_key(&s.hmac, s.k); /* e: V = HMAC_K(V) */
    hmac16_step(s.v, &s.hmac);

    copy16(s.block, s.v); /* f: K = HMAC_K(V || 1 || key || digest) */
    copy16(s.block + 8, s.seed.first);
    s.block[8] = _mm512_or_si512(s.block[8], word16(0x01000000));
    copy16(s.k, s.hmac.inner);
    sha256_compress16(s.k, s.block);
    sha256_compress16(s.k, s.seed.second);
    hmac16_close(s.k, &s.hmac, s.k);
    hmac16_key(&s.hmac, s.k); /* g: V = HMAC_K(V) */
    hmac16_step(s.v, &s.hmac);

    hmac16_step(s.v, &s.hmac); /* h: the first output */
    /* h.3: K = HMAC_K(V || 0), V = HMAC_K(V), next output */
    for (unsigned i = 0; i < attempt; i++) {
        copy16(s.block, s.v);
        pad16(s.block, 8, 64 + 33);
        s.block[8] = word16(0x00800000);
        copy16(s.k, s.hmac.inner);
        sha256_compress16(s.k, s.block);
        hmac16_close(s.k, &s.hmac, s.k);
        hmac16_key(&s.hmac, s.k);
        hmac16_step(s.v, &s.hmac);
        hmac16_step(s.v, &s.hmac);
    }
    __mmask16 unusable = scalars_from_words(nonce, s.v);
    wipe(&s, sizeof s);
    return unusable;
}
