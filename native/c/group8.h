/*
 * Eight points of y^2 = x^3 + 7 side by side.
 *
 * A point's y is kept doubled, w = 2 y: it saves the formulas most of their small factors.
 *   ge8   affine (x, w)
 *   gej8  Jacobian (x, w, z): the affine point is (x / z^2, w / z^3). z = 0 mod p means "not a
 *         point": see gej8_add.
 *
 * Signs. Doubling and adding are cheapest when each turns the result's sign round, so a gej8_sum
 * carries the lanes in which it holds the negative of what it stands for. Verification only asks
 * for x, and a table look-up has a sign of its own to take it into account.
 */
#ifndef VTS_GROUP8_H
#define VTS_GROUP8_H

#include "field8.h"

typedef struct {
    fe8 x, w;
} ge8;

/*
 * A running sum: x, w reduced, z factor. negated: lanes that hold minus the sum. started: lanes
 * that are not infinity.
 */
typedef struct {
    fe8 x, w, z;
    __mmask8 negated, started;
} gej8_sum;

/* A point to add: minus x, an operand below 2^257, and w, reduced; and the lanes ... */
typedef struct {
    const fe8 *minus_x, *w;
    __mmask8 negative; /* ... in which the point is to be subtracted */
    __mmask8 active;   /* ... which take part; the others leave their sum alone */
} ge8_addend;

/* Infinity in all lanes. */
static inline void gej8_set_infinity(gej8_sum *sum);

/*
 * sum[i] = 2 sum[i] for STREAMS sums at once, step by step, so that one's latency hides behind the
 * other's work. No point of the curve has order two, so this has no special case: infinity stays.
 * Formula: "dbl-2009-l"'s relatives for a = 0 (Explicit-Formulas Database, Jacobian coordinates),
 * with w for 2 y:  M = 3 x^2, B = w^2, S = x B, x' = M^2 - 2 S, -w' = 2 M (x' - S) + B^2, z' = w z.
 */
#ifndef VTS_STREAMS
#define VTS_STREAMS 2
#endif
static inline void gej8_double(gej8_sum *sum);
static void gej8_double_call(gej8_sum *sum); /* the same, out of line */

/*
 * sum[i] += addend[i] for VTS_STREAMS sums at once.
 * Formula: "madd-2007-bl" (Explicit-Formulas Database), rearranged so that all but two terms enter
 * as start values:  H = x - x2 z^2, R = w - w2 z^3, I = 4 H^2, J = H I, V = x I,
 * x' = R^2 + J - 2 V, w' = 2 (R (x' - V) + w J), z' = 2 z H (negated result).
 *
 * gej8_add_fast:  right unless an active, started lane's sum equals plus or minus the addend. Then
 *   H = 0, so z' = 0 mod p, and every later doubling and addition multiplies z by something: z
 *   stays 0 mod p to the end. Who uses it asks for z = 0 once, at the end, and does those lanes
 *   again with gej8_add_complete.
 * gej8_add_complete: right for all points; infinity is shown by `started`.
 */
static inline void gej8_add_fast(gej8_sum *sum, const ge8_addend *addend);
static inline void gej8_add_complete(gej8_sum *sum, const ge8_addend *addend);

/*
 * Table entries are packed field elements of 32 bytes, below 2^256. Reads lane i's from
 * base + (at[i] | bit), as four columns of words.
 */
static inline void ge8_load_words(__m512i word[4], const uint8_t *base, const uint32_t at[8],
                                  uint32_t bit);

/* Packed rows of two field elements: lane i's 64 bytes go to base + i stride. a, b: canonical. */
static inline void ge8_store_rows(uint8_t *base, size_t stride, const fe8 *a, const fe8 *b);

/* r = a without its z (one inversion). Lanes must not be infinity; r has the sign put right. */
static inline void gej8_to_affine(ge8 *r, const gej8_sum *a);

/* Lanes in which y^2 = x^3 + 7 has a root; w = 2 y with y as odd as asked. x: canonical, pairs. */
static inline void ge8_decompress_pair(ge8 r[2], const fe8 x[2], const __mmask8 odd[2],
                                       __mmask8 on_curve[2]);

#include "group8_impl.h"

#endif
