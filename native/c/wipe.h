/* Erasing secrets so that the compiler cannot leave it out. */
#ifndef VTS_WIPE_H
#define VTS_WIPE_H

#include <stddef.h>
#include <string.h>

/* Zeroes memory; the empty statement that may read it keeps the stores alive. */
static inline void wipe(void *memory, size_t length) {
    memset(memory, 0, length);
    __asm__ __volatile__("" : : "r"(memory) : "memory");
}

#endif
