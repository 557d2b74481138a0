/*
 * Fixed-base multiplication without doublings, eight scalars side by side: k B is the sum of one
 * table entry for each window of k's bits, because the tables hold the multiples of B, 2^w B,
 * 2^2w B ... (E. Brickell, D. Gordon, K. McCurley, D. Wilson, "Fast exponentiation with
 * precomputation", EUROCRYPT 1992).
 *
 * Digits. With d = (k + 2^L - 1) / 2 mod n, L = w windows >= 256, the bits d_i of d give
 * k = sum (2 d_i - 1) 2^i mod n: every bit counts +1 or -1, so every window is an *odd* number
 * between -(2^w - 1) and 2^w - 1. No window is zero, an entry is never infinity, and the table
 * holds only the 2^(w-1) positive odd multiples; the sign is the window's top bit.
 *
 * Coordinates. The sum is kept as (X, Y, ZZ, ZZZ), x = X / ZZ, y = Y / ZZZ, ZZ^3 = ZZZ^2
 * (Explicit-Formulas Database, "XYZZ", madd-2008-s: 8M + 2S). The formula is wrong when the sum
 * equals plus or minus the entry. Below the last window both are different integers of absolute
 * value below n and cannot be congruent; in the last window it takes one of a few special scalars
 * (about 2^w of 2^256), and then, since the sum is doubled or vanishes, ZZ becomes and stays 0,
 * which the caller looks for.
 */
#ifndef VTS_COMB8_H
#define VTS_COMB8_H

#include "field8.h"
#include "scalar8.h"

/*
 * A running sum. y holds the sum's Y negated, except in lanes where the next entry is subtracted:
 * what the next addition needs. Bounds: x, zz, zzz reduced; y operand (field8.h).
 */
typedef struct {
    fe8 x, y, zz, zzz;
} comb8_sum;

/* The digits of eight scalars: d in four little-endian 64-bit words. */
typedef struct {
    __m512i word[4];
} comb8_digits;

/* One window of eight scalars: the index of the table entry, and the lanes that subtract it. */
typedef struct {
    __m512i index;
    __mmask8 negative;
} comb8_window;

/* digits of k for windows of `width` bits, width windows >= 256. */
static inline void comb8_recode(comb8_digits *digits, const scalar8 *k, unsigned width);
/* Window i (i is public). */
static inline comb8_window comb8_digit(const comb8_digits *digits, unsigned i, unsigned width);

/*
 * A table entry in each lane on its way into a sum: affine points, word[0..3] = x, word[4..7] = y,
 * little-endian, word j of all lanes in word[j].
 */
typedef struct {
    comb8_window window;
    const uint64_t *table; /* of this window, 64-aligned */
    __mmask8 bit[3];
    uint64_t at[8];
    __m512i half[8], word[8];
} comb8_entry;

/*
 * Fetches an entry in eight parts (0..7, in order), which an addition does for the next entry
 * between its own multiplications: loads and permutes hide behind arithmetic.
 *   none:     nothing; word is there already.
 *   permute:  from a table word[8][COMB8_PERMUTED]. Reads the whole table in the same order
 *             whatever the indices are and picks by permutes in registers: constant time.
 *   gather_var: from a table entry[][8] of any size, one cache line an entry. The addresses depend
 *             on the indices: for public scalars only.
 */
#define COMB8_PERMUTED 128
typedef void comb8_fetch(comb8_entry *entry, int part);
static inline void comb8_none(comb8_entry *entry, int part);
static inline void comb8_permute(comb8_entry *entry, int part);
static inline void comb8_gather_var(comb8_entry *entry, int part);

/* Aims an entry at one window of a table, for the fetch of the same name. _var: has it cached. */
static inline void comb8_aim_permute(comb8_entry *entry, const uint64_t *table,
                                     comb8_window window);
static inline void comb8_aim_gather_var(comb8_entry *entry, const uint64_t *table,
                                        comb8_window window);
/* All eight parts. */
static inline void comb8_fetch_all(comb8_entry *entry, comb8_fetch *fetch);

/*
 *   start: sum = entry, ready for `next`, whose window alone is looked at.
 *   add:   sum += entry, ready for `next`, which is fetched by the way.
 *   last:  the same as add, but only x and zz of the sum are valid afterwards.
 */
static inline void comb8_start(comb8_sum *sum, const comb8_entry *entry, const comb8_entry *next);
static inline void comb8_add(comb8_sum *sum, const comb8_entry *entry, comb8_entry *next,
                             comb8_fetch *fetch);
static inline void comb8_last(comb8_sum *sum, const comb8_entry *entry);

#include "comb8_impl.h"

#endif
