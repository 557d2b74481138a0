/*
 * The generator's table: multiples 1 .. 2^15 of 2^(64 j) G, j = 0..3, so that a 256-bit scalar
 * costs sixteen additions that ride on the key's 64 doublings.
 *
 * Built at start (about 10 ms) rather than shipped: 8 MiB in a shared object would be read from
 * disk just as slowly, and would have to be trusted. Entries are 64 bytes, one cache line:
 * minus x and w = 2 y, packed (see ge8_load).
 */
#ifndef VTS_GTABLE_H
#define VTS_GTABLE_H

#include <stddef.h>
#include <stdint.h>

#define GTABLE_BITS 16
#define GTABLE_ENTRIES ((size_t)1 << (GTABLE_BITS - 1))
#define GTABLE_BASES 4
#define GTABLE_ENTRY_BYTES 64
#define GTABLE_W_BIT 32
#define GTABLE_BASE_BYTES (GTABLE_ENTRIES * GTABLE_ENTRY_BYTES)

/* Multiple k of base j is at vts_gtable + j GTABLE_BASE_BYTES + (k - 1) GTABLE_ENTRY_BYTES. */
extern const uint8_t *vts_gtable;

/* G itself in all lanes. Kernel code only. */
#ifdef __AVX512IFMA__
#include "group8.h"
void vts_g_affine(ge8 *g);
#endif

/* Builds it. Not thread-safe: vts_kernel_init calls it once. Returns 0, or -1 without memory. */
int vts_gtable_build(void);

#endif
