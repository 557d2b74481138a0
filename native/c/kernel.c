/* Start: the tables, once. Compiled without AVX flags; only calls kernel code when supported. */
#include <pthread.h>

#include "vts_kernel.h"

int vts_gtable_build(void);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int result;

static void build(void) {
    result = vts_kernel_supported() ? vts_gtable_build() : -1;
}

VTS_API int vts_kernel_init(void) {
    pthread_once(&once, build);
    return result;
}

VTS_API const char *vts_kernel_name(void) {
    return "avx512ifma-8x52";
}
