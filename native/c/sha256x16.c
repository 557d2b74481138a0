/* Sixteen SHA-256 compressions side by side, one in each 32-bit lane. */
#include "sha256.h"

#define ROR(x, n) _mm512_ror_epi32(x, n)
#define XOR3(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0x96)
#define CHOOSE(e, f, g) _mm512_ternarylogic_epi32(e, f, g, 0xca)
#define MAJORITY(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0xe8)
#define ADD(x, y) _mm512_add_epi32(x, y)

/* One round; the caller turns the names of the eight words instead of moving them. */
#define ROUND(a, b, c, d, e, f, g, h, w, k)                                                       \
    do {                                                                                          \
        __m512i t = ADD(ADD(h, ADD(w, _mm512_set1_epi32((int)(k)))),                              \
                        ADD(XOR3(ROR(e, 6), ROR(e, 11), ROR(e, 25)), CHOOSE(e, f, g)));           \
        d = ADD(d, t);                                                                            \
        h = ADD(t, ADD(XOR3(ROR(a, 2), ROR(a, 13), ROR(a, 22)), MAJORITY(a, b, c)));              \
    } while (0)

static inline __m512i schedule(__m512i w0, __m512i w1, __m512i w9, __m512i w14) {
    __m512i small0 = XOR3(ROR(w1, 7), ROR(w1, 18), _mm512_srli_epi32(w1, 3));
    __m512i small1 = XOR3(ROR(w14, 17), ROR(w14, 19), _mm512_srli_epi32(w14, 10));
    return ADD(ADD(w0, small0), ADD(w9, small1));
}

#define EIGHT(i)                                                                                  \
    ROUND(a, b, c, d, e, f, g, h, w[i], k[i]);                                                    \
    ROUND(h, a, b, c, d, e, f, g, w[i + 1], k[i + 1]);                                            \
    ROUND(g, h, a, b, c, d, e, f, w[i + 2], k[i + 2]);                                            \
    ROUND(f, g, h, a, b, c, d, e, w[i + 3], k[i + 3]);                                            \
    ROUND(e, f, g, h, a, b, c, d, w[i + 4], k[i + 4]);                                            \
    ROUND(d, e, f, g, h, a, b, c, w[i + 5], k[i + 5]);                                            \
    ROUND(c, d, e, f, g, h, a, b, w[i + 6], k[i + 6]);                                            \
    ROUND(b, c, d, e, f, g, h, a, w[i + 7], k[i + 7])

void sha256_compress16(__m512i state[8], const __m512i block[16]) {
    __m512i a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5],
        g = state[6], h = state[7];
    __m512i w[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
        w[i] = block[i];
    }
    const uint32_t *k = SHA256_K;
    for (int group = 0;; group++, k += 16) {
        EIGHT(0);
        EIGHT(8);
        if (group == 3) {
            break;
        }
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            w[i] = schedule(w[i], w[(i + 1) & 15], w[(i + 9) & 15], w[(i + 14) & 15]);
        }
    }
    state[0] = ADD(state[0], a);
    state[1] = ADD(state[1], b);
    state[2] = ADD(state[2], c);
    state[3] = ADD(state[3], d);
    state[4] = ADD(state[4], e);
    state[5] = ADD(state[5], f);
    state[6] = ADD(state[6], g);
    state[7] = ADD(state[7], h);
}
