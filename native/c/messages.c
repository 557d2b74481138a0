/*
 * SHA-256 of many independent messages, two at a time on the SHA extensions. Two messages go side by
 * side as far as the shorter one reaches, so neighbours of about one length cost least.
 */
#include <string.h>

#include "sha256.h"
#include "vts_kernel.h"

enum { BLOCK = 64, TASK = 16 };

typedef struct {
    const uint8_t *bytes;
    size_t length;
    uint8_t *digest;
    uint32_t state[8];
    size_t last_blocks;
    uint8_t last[2 * BLOCK];
} message;

static void begin(message *m, const uint32_t start[8], const uint8_t *memory, const uint8_t *task,
                  uint8_t *digests, uint64_t before) {
    uint32_t fields[3]; /* message, length, digest */
    memcpy(fields, task, sizeof fields);
    m->bytes = memory + fields[0];
    m->length = fields[1];
    m->digest = digests + fields[2];
    memcpy(m->state, start, sizeof m->state);
    size_t rest = m->length % BLOCK;
    m->last_blocks = rest < BLOCK - 8 ? 1 : 2;
    memcpy(m->last, m->bytes + m->length - rest, rest);
    m->last[rest] = 0x80;
    memset(m->last + rest + 1, 0, BLOCK * m->last_blocks - 8 - rest - 1);
    uint64_t bits = __builtin_bswap64(8 * (before + m->length));
    memcpy(m->last + BLOCK * m->last_blocks - 8, &bits, 8);
}

static void compress_pair(message *a, const uint8_t *data_a, size_t blocks_a, message *b,
                          const uint8_t *data_b, size_t blocks_b) {
    size_t both = blocks_a < blocks_b ? blocks_a : blocks_b;
    sha256_compress2(a->state, data_a, b->state, data_b, both);
    sha256_compress(a->state, data_a + BLOCK * both, blocks_a - both);
    sha256_compress(b->state, data_b + BLOCK * both, blocks_b - both);
}

static void finish(const message *m) {
    for (int i = 0; i < 8; i++) {
        uint32_t word = __builtin_bswap32(m->state[i]);
        memcpy(m->digest + 4 * i, &word, 4);
    }
}

void vts_sha256_batch(const uint8_t *prefix, const uint8_t *memory, const uint8_t *tasks,
                      uint8_t *digests, size_t count) {
    uint32_t start[8];
    uint64_t before = 0;
    memcpy(start, SHA256_START, sizeof start);
    if (prefix != NULL) {
        sha256_compress(start, prefix, 1);
        before = BLOCK;
    }
    for (size_t i = 0; i < count; i += 2) {
        message a, b;
        begin(&a, start, memory, tasks + TASK * i, digests, before);
        if (i + 1 == count) {
            sha256_compress(a.state, a.bytes, a.length / BLOCK);
            sha256_compress(a.state, a.last, a.last_blocks);
        } else {
            begin(&b, start, memory, tasks + TASK * (i + 1), digests, before);
            compress_pair(&a, a.bytes, a.length / BLOCK, &b, b.bytes, b.length / BLOCK);
            compress_pair(&a, a.last, a.last_blocks, &b, b.last, b.last_blocks);
            finish(&b);
        }
        finish(&a);
    }
}
