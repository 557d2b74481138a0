/*
 * The digests of claims (docs/PROTOCOL.md), two claims interleaved on the SHA extensions. All
 * messages of one kind have the same number of blocks whatever the claim, so two go hand in hand.
 * A claim costs 15 compressions: 3 terms, 1 commitment, 2 ticket, 3 claim, 6 spend; the first
 * block of each tagged hash and of the BIP 143 preimage is in a constant.
 */
#include <string.h>

#include "sha256.h"
#include "vts_kernel.h"

/* Offsets in a row; the signatures behind the payout script are not looked at. */
enum {
    TERMS = 0,
    TXID = 4,
    VALUE = 40,
    PAYOUT = 48,
    REFUND_HEIGHT = 60,
    BUYER_KEY = 64,
    VTS_KEY = 97,
    TERMS_BYTES = 130,
    COMMITMENT = 130,
    OPENING = 162, /* r1 16, s 16 */
    R2 = 194,      /* r2 16, expiry 4, script length 1, script */
    SCRIPT_LENGTH = 214,
    SCRIPT = 215,
    SHORTEST_SCRIPT = 22,
    LONGEST_SCRIPT = 34,
    MESSAGE_ROOM = 192 /* three blocks */
};

/* After SHA256(tag) || SHA256(tag) [BIP 340]; the test recomputes them. */
static const uint32_t TERMS_TAG[8] = {0x90e6e515, 0x7a3f4eb4, 0xcf1e498c, 0x8cdb088d,
                                      0x9ab25139, 0x64ae59a9, 0x9381ee66, 0x04a5dc76};
static const uint32_t COMMITMENT_TAG[8] = {0x231c1dea, 0xf72fd6f9, 0xf2ec5a24, 0xaf3455c7,
                                           0xf77e2e13, 0x2b831e2b, 0x0f209456, 0xf3a1f58e};
static const uint32_t TICKET_TAG[8] = {0xfd1b4110, 0x0b82431a, 0xec87eb38, 0x7bb4778a,
                                       0x7b2aa731, 0x0f885847, 0x6daa4097, 0xb5e1eeff};
static const uint32_t CLAIM_TAG[8] = {0x526a8bf5, 0x7f9b52d1, 0x3c24de5b, 0xd5c460a3,
                                      0x9d0f7b36, 0x9900b299, 0xc4bbf98b, 0xb8dd38ea};
/* After nVersion 3 and the first 60 of 64 zero bytes: hashPrevouts, hashSequence [BIP 143]. */
static const uint32_t SPEND_START[8] = {0x40698693, 0x36363512, 0xccdea11f, 0x3efd1efe,
                                        0xf5d8dbc9, 0x0d348252, 0x95f766d4, 0xb2f9e611};

/* One claim's message on its way into a hash. */
typedef struct {
    size_t length;
    uint8_t bytes[MESSAGE_ROOM];
} message;

static inline void append(message *m, const void *bytes, size_t length) {
    memcpy(m->bytes + m->length, bytes, length);
    m->length += length;
}

static inline void append_byte(message *m, unsigned byte) {
    m->bytes[m->length++] = (uint8_t)byte;
}

static inline void append_u32(message *m, uint32_t value) {
    append(m, &value, 4); /* little-endian, as x86 is */
}

/* Padding for `blocks` blocks after `before` bytes that are in the chaining value already. */
static inline void pad(message *m, size_t blocks, size_t before) {
    uint64_t bits = __builtin_bswap64(8 * (before + m->length));
    m->bytes[m->length] = 0x80;
    memset(m->bytes + m->length + 1, 0, 64 * blocks - 8 - m->length - 1);
    memcpy(m->bytes + 64 * blocks - 8, &bits, 8);
}

/* digest[0], digest[1] = the hashes of m[0] and m[1] from `start`. */
static void hash_pair(uint8_t digest[2][32], const uint32_t start[8], message m[2], size_t blocks,
                      size_t before) {
    uint32_t state[2][8];
    for (int k = 0; k < 2; k++) {
        memcpy(state[k], start, 32);
        pad(&m[k], blocks, before);
    }
    sha256_compress2(state[0], m[0].bytes, state[1], m[1].bytes, blocks);
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < 8; i++) {
            uint32_t word = __builtin_bswap32(state[k][i]);
            memcpy(digest[k] + 4 * i, &word, 4);
        }
    }
}

/* SHA256 of a digest: the second half of Bitcoin's double hash. */
static void hash_again(uint8_t digest[2][32]) {
    message m[2];
    for (int k = 0; k < 2; k++) {
        m[k].length = 0;
        append(&m[k], digest[k], 32);
    }
    hash_pair(digest, SHA256_START, m, 1, 0);
}

/* A number as Bitcoin's script pushes it minimally: OP_0, OP_1 .. OP_16, or its shortest bytes. */
static void append_script_number(message *m, uint32_t number) {
    if (number <= 16) {
        append_byte(m, number == 0 ? 0x00 : 0x50 + number);
        return;
    }
    unsigned length = (32U - (unsigned)__builtin_clz(number)) / 8 + 1; /* with room for the sign */
    uint64_t wide = number;
    append_byte(m, length);
    append(m, &wide, length);
}

/* <buyerKey> CHECKSIGVERIFY <vtsKey> CHECKSIG IFDUP NOTIF <height> CHECKLOCKTIMEVERIFY ENDIF */
static void append_escrow_script(message *m, const uint8_t *row) {
    uint32_t height;
    size_t length_at = m->length;
    memcpy(&height, row + REFUND_HEIGHT, 4);
    append_byte(m, 0);
    append_byte(m, 33);
    append(m, row + BUYER_KEY, 33);
    append(m, "\xad\x21", 2);
    append(m, row + VTS_KEY, 33);
    append(m, "\xac\x73\x64", 3);
    append_script_number(m, height);
    append(m, "\xb1\x68", 2);
    m->bytes[length_at] = (uint8_t)(m->length - length_at - 1);
}

/* BIP 143 for SINGLE|ANYONECANPAY: version 3, nSequence 0xfffffffd, lock time 0. */
static void make_spend_digests(uint8_t digest[2][32], const uint8_t *const row[2]) {
    message m[2];
    uint8_t outputs[2][32];
    for (int k = 0; k < 2; k++) {
        m[k].length = 0;
        append(&m[k], row[k] + PAYOUT, 8);
        append(&m[k], row[k] + SCRIPT_LENGTH, 1U + row[k][SCRIPT_LENGTH]);
    }
    hash_pair(outputs, SHA256_START, m, 1, 0);
    hash_again(outputs);
    for (int k = 0; k < 2; k++) {
        m[k].length = 0;
        append_u32(&m[k], 0);
        append(&m[k], row[k] + TXID, 36);
        append_escrow_script(&m[k], row[k]);
        append(&m[k], row[k] + VALUE, 8);
        append_u32(&m[k], 0xfffffffd);
        append(&m[k], outputs[k], 32);
        append_u32(&m[k], 0);
        append_u32(&m[k], 0x83);
    }
    hash_pair(digest, SPEND_START, m, 3, 64);
    hash_again(digest);
}

/* What one pair of claims yields. */
typedef struct {
    uint8_t terms[2][32], ticket[2][32], claim[2][32], spend[2][32], commitment[2][32];
} digests2;

static void digest_pair(digests2 *d, const uint8_t *const row[2]) {
    message m[2];
    size_t rest[2]; /* r2, expiry, length and script: the common end of ticket and claim */
    for (int k = 0; k < 2; k++) {
        rest[k] = SCRIPT - R2 + (size_t)row[k][SCRIPT_LENGTH];
        m[k].length = 0;
        append(&m[k], row[k] + TERMS, TERMS_BYTES);
    }
    hash_pair(d->terms, TERMS_TAG, m, 3, 64);
    for (int k = 0; k < 2; k++) {
        m[k].length = 0;
        append(&m[k], row[k] + OPENING, 32);
    }
    hash_pair(d->commitment, COMMITMENT_TAG, m, 1, 64);
    for (int k = 0; k < 2; k++) {
        m[k].length = 0;
        append(&m[k], d->terms[k], 32);
        append(&m[k], row[k] + COMMITMENT, 32);
        append(&m[k], row[k] + R2, rest[k]);
    }
    hash_pair(d->ticket, TICKET_TAG, m, 2, 64);
    for (int k = 0; k < 2; k++) {
        m[k].length = 0;
        append(&m[k], d->terms[k], 32);
        append(&m[k], row[k] + COMMITMENT, 32 + 32);
        append(&m[k], row[k] + R2, rest[k]);
    }
    hash_pair(d->claim, CLAIM_TAG, m, 3, 64);
    make_spend_digests(d->spend, row);
}

static int is_well_formed(const uint8_t *row) {
    return row[SCRIPT_LENGTH] >= SHORTEST_SCRIPT && row[SCRIPT_LENGTH] <= LONGEST_SCRIPT;
}

void vts_claim_digests(const uint8_t *claims, size_t stride, uint8_t *terms_digests,
                       uint8_t *ticket_digests, uint8_t *claim_ids, uint8_t *spend_digests,
                       uint8_t *opens, size_t count) {
    static const uint8_t EMPTY[SCRIPT + LONGEST_SCRIPT] = {[SCRIPT_LENGTH] = SHORTEST_SCRIPT};
    digests2 d;
    for (size_t i = 0; i < count; i += 2) {
        size_t pair = count - i < 2 ? 1 : 2;
        const uint8_t *row[2] = {EMPTY, EMPTY};
        int well_formed[2] = {0, 0};
        for (size_t k = 0; k < pair; k++) {
            well_formed[k] = is_well_formed(claims + (i + k) * stride);
            if (well_formed[k]) {
                row[k] = claims + (i + k) * stride;
            }
        }
        digest_pair(&d, row);
        for (size_t k = 0; k < pair; k++) {
            const size_t at = i + k, length = well_formed[k] ? 32 : 0;
            memset(terms_digests + 32 * at, 0, 32 - length);
            memset(ticket_digests + 32 * at, 0, 32 - length);
            memset(claim_ids + 32 * at, 0, 32 - length);
            memset(spend_digests + 32 * at, 0, 32 - length);
            memcpy(terms_digests + 32 * at, d.terms[k], length);
            memcpy(ticket_digests + 32 * at, d.ticket[k], length);
            memcpy(claim_ids + 32 * at, d.claim[k], length);
            memcpy(spend_digests + 32 * at, d.spend[k], length);
            opens[at] =
                well_formed[k] && memcmp(d.commitment[k], row[k] + COMMITMENT, 32) == 0;
        }
    }
}
