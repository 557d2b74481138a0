/*
 * The digests of claims (docs/PROTOCOL.md), four claims side by side on the SHA extensions. All
 * messages of one kind have the same number of blocks whatever the claim, so they go hand in hand.
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
    MOST_BLOCKS = 3,
    MOST_LANES = 4
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
    uint8_t bytes[64 * MOST_BLOCKS + 64]; /* with room for append_up_to_64 behind the last byte */
} message;

/* An empty message; zeros, so that its padding is there. */
static inline message *begin(message *m) {
    m->length = 0;
    memset(m->bytes, 0, 64 * MOST_BLOCKS);
    return m;
}

static inline void append(message *m, const void *bytes, size_t length) {
    memcpy(m->bytes + m->length, bytes, length);
    m->length += length;
}

/* The same for a length that the compiler does not know: no call, and no byte more is read. */
static inline void append_up_to_64(message *m, const void *bytes, size_t length) {
    __mmask64 mask = _bzhi_u64(~0ULL, (unsigned)length);
    _mm512_storeu_si512(m->bytes + m->length, _mm512_maskz_loadu_epi8(mask, bytes));
    m->length += length;
}

static inline void append_byte(message *m, unsigned byte) {
    m->bytes[m->length++] = (uint8_t)byte;
}

static inline void append_u32(message *m, uint32_t value) {
    append(m, &value, 4); /* little-endian, as x86 is */
}

/*
 * digest[k] = the hash of m[k], of `blocks` blocks with its padding, from `start`, which has taken
 * `before` bytes.
 */
static void hash(uint8_t digest[][32], const uint32_t start[8], message *m, size_t blocks,
                 size_t before, size_t lanes) {
    uint32_t states[MOST_LANES][8], *state[MOST_LANES];
    const uint8_t *data[MOST_LANES];
    for (size_t k = 0; k < lanes; k++) {
        uint64_t bits = __builtin_bswap64(8 * (before + m[k].length));
        m[k].bytes[m[k].length] = 0x80;
        memcpy(m[k].bytes + 64 * blocks - 8, &bits, 8);
        memcpy(states[k], start, sizeof states[k]);
        state[k] = states[k];
        data[k] = m[k].bytes;
    }
    if (lanes == 2) {
        sha256_compress2(state, data, blocks);
    } else {
        sha256_compress4(state, data, blocks);
    }
    for (size_t k = 0; k < lanes; k++) {
        sha256_write(digest[k], states[k]);
    }
}

/* SHA256 of a digest: the second half of Bitcoin's double hash. */
static void hash_again(uint8_t digest[][32], message *m, size_t lanes) {
    for (size_t k = 0; k < lanes; k++) {
        append(begin(&m[k]), digest[k], 32);
    }
    hash(digest, SHA256_START, m, 1, 0, lanes);
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
    memcpy(m->bytes + m->length, &wide, sizeof wide); /* what is too much is written over */
    m->length += length;
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
static void make_spend_digests(uint8_t digest[][32], const uint8_t *const row[], message *m,
                               size_t lanes) {
    uint8_t outputs[MOST_LANES][32];
    for (size_t k = 0; k < lanes; k++) {
        append(begin(&m[k]), row[k] + PAYOUT, 8);
        append_up_to_64(&m[k], row[k] + SCRIPT_LENGTH, 1U + row[k][SCRIPT_LENGTH]);
    }
    hash(outputs, SHA256_START, m, 1, 0, lanes);
    hash_again(outputs, m, lanes);
    for (size_t k = 0; k < lanes; k++) {
        append_u32(begin(&m[k]), 0);
        append(&m[k], row[k] + TXID, 36);
        append_escrow_script(&m[k], row[k]);
        append(&m[k], row[k] + VALUE, 8);
        append_u32(&m[k], 0xfffffffd);
        append(&m[k], outputs[k], 32);
        append_u32(&m[k], 0);
        append_u32(&m[k], 0x83);
    }
    hash(digest, SPEND_START, m, 3, 64, lanes);
    hash_again(digest, m, lanes);
}

/* What claims side by side yield. */
typedef struct {
    uint8_t terms[MOST_LANES][32], ticket[MOST_LANES][32], claim[MOST_LANES][32];
    uint8_t spend[MOST_LANES][32], commitment[MOST_LANES][32];
} group;

static void digest_group(group *d, const uint8_t *const row[], size_t lanes) {
    message m[MOST_LANES];
    size_t rest[MOST_LANES]; /* r2, expiry, length and script: the end of ticket and claim */
    for (size_t k = 0; k < lanes; k++) {
        rest[k] = SCRIPT - R2 + (size_t)row[k][SCRIPT_LENGTH];
        append(begin(&m[k]), row[k] + TERMS, TERMS_BYTES);
    }
    hash(d->terms, TERMS_TAG, m, 3, 64, lanes);
    for (size_t k = 0; k < lanes; k++) {
        append(begin(&m[k]), row[k] + OPENING, 32);
    }
    hash(d->commitment, COMMITMENT_TAG, m, 1, 64, lanes);
    for (size_t k = 0; k < lanes; k++) {
        append(begin(&m[k]), d->terms[k], 32);
        append(&m[k], row[k] + COMMITMENT, 32);
        append_up_to_64(&m[k], row[k] + R2, rest[k]);
    }
    hash(d->ticket, TICKET_TAG, m, 2, 64, lanes);
    for (size_t k = 0; k < lanes; k++) {
        append(begin(&m[k]), d->terms[k], 32);
        append(&m[k], row[k] + COMMITMENT, 32 + 32);
        append_up_to_64(&m[k], row[k] + R2, rest[k]);
    }
    hash(d->claim, CLAIM_TAG, m, 3, 64, lanes);
    make_spend_digests(d->spend, row, m, lanes);
}

static int is_well_formed(const uint8_t *row) {
    return row[SCRIPT_LENGTH] >= SHORTEST_SCRIPT && row[SCRIPT_LENGTH] <= LONGEST_SCRIPT;
}

void vts_claim_digests(const uint8_t *claims, size_t stride, uint8_t *terms_digests,
                       uint8_t *ticket_digests, uint8_t *claim_ids, uint8_t *spend_digests,
                       uint8_t *opens, size_t count) {
    static const uint8_t EMPTY[SCRIPT + LONGEST_SCRIPT] = {[SCRIPT_LENGTH] = SHORTEST_SCRIPT};
    group d;
    size_t lanes;
    for (size_t i = 0; i < count; i += lanes) {
        const uint8_t *row[MOST_LANES];
        int well_formed[MOST_LANES];
        lanes = count - i <= 2 ? 2 : MOST_LANES;
        for (size_t k = 0; k < lanes; k++) {
            well_formed[k] = i + k < count && is_well_formed(claims + (i + k) * stride);
            row[k] = well_formed[k] ? claims + (i + k) * stride : EMPTY;
        }
        digest_group(&d, row, lanes);
        for (size_t k = 0; k < lanes && i + k < count; k++) {
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
