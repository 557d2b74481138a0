/* Which CPU is this? Compiled without AVX flags: the answer must not need what it asks for. */
#include <cpuid.h>

#include "vts_kernel.h"

/* XCR0: SSE, AVX, opmask, upper halves of zmm0..15, zmm16..31 [Intel SDM 1, section 13.3]. */
#define XCR0_AVX512 0xe6U

static unsigned long long read_xcr0(void) {
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (unsigned long long)high << 32 | low;
}

/*
 * VBMI, VBMI2 and SHA are asked for beside IFMA: every CPU with IFMA has them, but the short-lived
 * Cannon Lake, and look-ups, shifts and hashing are shorter with them.
 */
VTS_API int vts_kernel_supported(void) {
    const unsigned leaf7_b = bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL |
                             bit_AVX512IFMA | bit_BMI2 | bit_ADX | bit_SHA;
    const unsigned leaf7_c = bit_AVX512VBMI | bit_AVX512VBMI2;
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) {
        return 0;
    }
    if ((read_xcr0() & XCR0_AVX512) != XCR0_AVX512) {
        return 0;
    }
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        return 0;
    }
    return (b & leaf7_b) == leaf7_b && (c & leaf7_c) == leaf7_c;
}
