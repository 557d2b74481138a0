/*
 * SHA-256 of many independent messages, four at a time on the SHA extensions. They go side by side
 * as far as the shortest of them reaches, then the rest, so neighbours of about one length cost
 * least.
 */
#include <string.h>

#include "sha256.h"
#include "vts_kernel.h"

enum { BLOCK = 64, TASK = 16, STREAMS = 4 };

/* A message on its way: what comes next is `blocks` blocks at `at`. */
typedef struct {
    const uint8_t *at;
    size_t blocks;
    size_t last_blocks; /* still to come behind these; 0 when these are the last */
    uint8_t *digest;
    uint32_t state[8];
    _Alignas(64) uint8_t last[2 * BLOCK];
} message;

/* The bytes that fill no block, 0x80, zeros, and the length in bits [FIPS 180-4, 5.1.1]. */
static void pad(message *m, const uint8_t *tail, size_t rest, uint64_t bits) {
    const __m512i end = _mm512_set1_epi64((long long)__builtin_bswap64(bits));
    const __mmask8 end_of_block = 0x80;
    __m512i block = _mm512_maskz_loadu_epi8(((__mmask64)1 << rest) - 1, tail);
    block = _mm512_mask_mov_epi8(block, (__mmask64)1 << rest, _mm512_set1_epi8((char)0x80));
    m->last_blocks = rest < BLOCK - 8 ? 1 : 2;
    if (m->last_blocks == 1) {
        _mm512_store_si512(m->last, _mm512_mask_mov_epi64(block, end_of_block, end));
    } else {
        _mm512_store_si512(m->last, block);
        _mm512_store_si512(m->last + BLOCK, _mm512_maskz_mov_epi64(end_of_block, end));
    }
}

/* Goes on to the last blocks; returns 0 if the message is at its end. */
static int go_on(message *m) {
    m->at = m->last;
    m->blocks = m->last_blocks;
    m->last_blocks = 0;
    return m->blocks != 0;
}

static void begin(message *m, const uint32_t start[8], const uint8_t *memory, const uint8_t *task,
                  uint8_t *digests, uint64_t before) {
    uint32_t fields[3]; /* message, length, digest */
    memcpy(fields, task, sizeof fields);
    size_t length = fields[1], rest = length % BLOCK;
    m->at = memory + fields[0];
    m->blocks = length / BLOCK;
    m->digest = digests + fields[2];
    memcpy(m->state, start, sizeof m->state);
    pad(m, m->at + length - rest, rest, 8 * (before + length));
    if (m->blocks == 0) {
        (void)go_on(m);
    }
}

/* As many blocks of all `count` messages as the shortest stretch has. */
static size_t compress_together(message *const m[STREAMS], size_t count) {
    uint32_t *state[STREAMS], unused[8];
    const uint8_t *data[STREAMS];
    size_t blocks = m[0]->blocks;
    for (size_t i = 0; i < STREAMS; i++) {
        const message *from = m[i < count ? i : 0];
        state[i] = i < count ? m[i]->state : unused;
        data[i] = from->at;
        blocks = from->blocks < blocks ? from->blocks : blocks;
    }
    if (count == 1) {
        sha256_compress(state[0], data[0], blocks);
    } else if (count == 2) {
        sha256_compress2(state, data, blocks);
    } else {
        memcpy(unused, m[0]->state, sizeof unused);
        sha256_compress4(state, data, blocks);
    }
    return blocks;
}

static void hash_together(message messages[STREAMS], size_t count) {
    message *m[STREAMS];
    for (size_t i = 0; i < count; i++) {
        m[i] = &messages[i];
    }
    while (count > 0) {
        size_t blocks = compress_together(m, count), left = 0;
        for (size_t i = 0; i < count; i++) {
            m[i]->at += BLOCK * blocks;
            m[i]->blocks -= blocks;
            if (m[i]->blocks != 0 || go_on(m[i])) {
                m[left++] = m[i];
            } else {
                sha256_write(m[i]->digest, m[i]->state);
            }
        }
        count = left;
    }
}

void vts_sha256_batch(const uint8_t *prefix, const uint8_t *memory, const uint8_t *tasks,
                      uint8_t *digests, size_t count) {
    message messages[STREAMS];
    uint32_t start[8];
    uint64_t before = 0;
    memcpy(start, SHA256_START, sizeof start);
    if (prefix != NULL) {
        sha256_compress(start, prefix, 1);
        before = BLOCK;
    }
    for (size_t i = 0; i < count; i += STREAMS) {
        size_t together = count - i < STREAMS ? count - i : STREAMS;
        for (size_t k = 0; k < together; k++) {
            begin(&messages[k], start, memory, tasks + TASK * (i + k), digests, before);
        }
        hash_together(messages, together);
    }
}
