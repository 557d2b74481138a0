/* Building the generator's table, eight multiples at a time. See gtable.h. */
#include "gtable.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "group8.h"

const uint8_t *vts_gtable;

/* G: x, and w = 2 y mod p. */
static const uint64_t G_X[5] = {0x2815b16f81798, 0xdb2dce28d959f, 0xe870b07029bfc, 0xbbac55a06295c,
                                0x79be667ef9dc};
static const uint64_t G_Y[5] = {0x7d08ffb10d4b8, 0x48a68554199c4, 0xe1108a8fd17b4, 0xc4655da4fbfc0,
                                0x483ada7726a3};

typedef struct {
    ge8 *point;   /* VECTORS vectors of eight multiples */
    fe8 *slope;   /* numerators, VECTORS / 2 */
    fe8 *divisor; /* denominators, VECTORS / 2 */
    fe8 *scratch;
} builder;

#define VECTORS (GTABLE_ENTRIES / 8)

void vts_g_affine(ge8 *g) {
    fe8 y;
    fe8_set_constant(&g->x, G_X);
    fe8_set_constant(&y, G_Y);
    fe8_add(&g->w, &y, &y);
    fe8_normalize_weak(&g->w, &g->w);
}

/*
 * point[i] = point[i - count] + step for count <= i < 2 count. One lane of one of them may equal
 * step: there the slope is the tangent's, 3 x^2 / w; elsewhere (w2 - w1) / (2 (x2 - x1)).
 */
static void add_step(const builder *b, const ge8 *step, size_t count) {
    for (size_t i = 0; i < count; i++) {
        fe8 tangent;
        fe8_wide wide;
        fe8_sub_double(&b->divisor[i], &step->x, &b->point[i].x);
        fe8_normalize_weak(&b->divisor[i], &b->divisor[i]);
        fe8_sub(&b->slope[i], &step->w, &b->point[i].w);
        __mmask8 same = fe8_is_zero(&b->divisor[i]);
        fe8_wide_square(&wide, &step->x);
        fe8_fold(&tangent, &wide, 3);
        fe8_select(&b->slope[i], &b->slope[i], &tangent, same);
        fe8_select(&b->divisor[i], &b->divisor[i], &step->w, same);
    }
    fe8_inverse_batch(b->divisor, b->scratch, count);
    for (size_t i = 0; i < count; i++) {
        fe8 slope, run;
        fe8_wide wide;
        const ge8 *from = &b->point[i];
        ge8 *to = &b->point[count + i];
        fe8_mul(&slope, &b->slope[i], &b->divisor[i]);
        fe8_wide_square(&wide, &slope);
        fe8_wide_subtract(&wide, &from->x, 1);
        fe8_wide_subtract(&wide, &step->x, 1);
        fe8_fold(&to->x, &wide, 1);
        fe8_sub_double(&run, &from->x, &to->x);
        fe8_wide_negated(&wide, &from->w, 1);
        fe8_wide_add_product(&wide, &slope, &run);
        fe8_fold(&to->w, &wide, 1);
    }
}

/* Lane l of r: (l + 1) base, by double-and-add. All lanes of base are equal. */
static void first_multiples(ge8 *r, const ge8 *base) {
    gej8_sum sum[VTS_STREAMS];
    ge8_addend addend[VTS_STREAMS];
    fe8 minus_x;
    fe8_negate(&minus_x, &base->x);
    EACH_STREAM {
        gej8_set_infinity(&sum[s]);
        addend[s].minus_x = &minus_x;
        addend[s].w = &base->w;
        addend[s].negative = 0;
    }
    for (int bit = 3; bit >= 0; bit--) {
        gej8_double(sum);
        EACH_STREAM {
            addend[s].active = 0;
            for (int lane = 0; lane < 8; lane++) {
                addend[s].active |= (__mmask8)(((lane + 1) >> bit & 1) << lane);
            }
        }
        gej8_add_complete(sum, addend);
    }
    gej8_to_affine(r, &sum[0]);
}

static void broadcast_lane_7(ge8 *r, const ge8 *a) {
    const __m512i seven = _mm512_set1_epi64(7);
    for (int i = 0; i < 5; i++) {
        r->x.v[i] = _mm512_permutexvar_epi64(seven, a->x.v[i]);
        r->w.v[i] = _mm512_permutexvar_epi64(seven, a->w.v[i]);
    }
}

static void build_base(uint8_t *table, const builder *b, const ge8 *base) {
    first_multiples(&b->point[0], base);
    for (size_t count = 1; count < VECTORS; count *= 2) {
        ge8 step;
        broadcast_lane_7(&step, &b->point[count - 1]);
        add_step(b, &step, count);
    }
    for (size_t i = 0; i < VECTORS; i++) {
        fe8 minus_x, w;
        fe8_negate(&minus_x, &b->point[i].x);
        fe8_normalize(&minus_x, &minus_x);
        fe8_normalize(&w, &b->point[i].w);
        ge8_store_rows(table + 8 * GTABLE_ENTRY_BYTES * i, GTABLE_ENTRY_BYTES, &minus_x, &w);
    }
}

/* base = 2^64 base */
static void next_base(ge8 *base) {
    gej8_sum sum[VTS_STREAMS];
    EACH_STREAM {
        sum[s].x = base->x;
        sum[s].w = base->w;
        fe8_set_one(&sum[s].z);
        sum[s].negated = 0;
        sum[s].started = 0xff;
    }
    for (int i = 0; i < 64; i++) {
        gej8_double(sum);
    }
    gej8_to_affine(base, &sum[0]);
}

int vts_gtable_build(void) {
    const size_t huge = (size_t)2 << 20, bytes = GTABLE_BASES * GTABLE_BASE_BYTES;
    uint8_t *table = aligned_alloc(huge, bytes);
    builder b = {
        aligned_alloc(64, VECTORS * sizeof(ge8)),
        aligned_alloc(64, VECTORS / 2 * sizeof(fe8)),
        aligned_alloc(64, VECTORS / 2 * sizeof(fe8)),
        aligned_alloc(64, VECTORS / 2 * sizeof(fe8)),
    };
    int failed = !table || !b.point || !b.slope || !b.divisor || !b.scratch;
    if (!failed) {
        ge8 base;
        (void)madvise(table, bytes, MADV_HUGEPAGE); /* fewer TLB misses; works without */
        vts_g_affine(&base);
        for (size_t j = 0; j < GTABLE_BASES; j++) {
            build_base(table + j * GTABLE_BASE_BYTES, &b, &base);
            next_base(&base);
        }
        vts_gtable = table;
    } else {
        free(table);
    }
    free(b.point);
    free(b.slope);
    free(b.divisor);
    free(b.scratch);
    return failed ? -1 : 0;
}
