/* Exit status 0: this machine runs the kernel. 1: it does not. */
#include "../vts_kernel.h"

int main(void) {
    return vts_kernel_supported() ? 0 : 1;
}
