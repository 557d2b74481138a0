/*
 * Fuzzing of batch verification against libsecp256k1. An input is one or more items of 129 bytes:
 * digest, signature, key. The first byte chooses how many signatures share a key, and how an item
 * is repaired: most random bytes are no key and no signature, so the fuzzer may have the key moved
 * to the next x on the curve, s lowered, and the signature made to fit the digest and a small key.
 *
 * With clang: -fsanitize=fuzzer. Otherwise -DFUZZ_MAIN: replays the files named on the command
 * line, or, given a number, that many seconds' worth of seeded random inputs.
 */
#include "../vts_kernel.h"
#include "model.h"
#include "reference.h"
#include "test_util.h"

enum { ITEM = 32 + 64 + 33, MOST = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Signs the digest with the key's first byte as secret key, so that valid items occur. */
static void make_valid(uint8_t *item) {
    uint8_t secret[32] = {0};
    secret[31] = (uint8_t)(item[32] % 16 + 1);
    reference_public_key(item + 96, secret);
    reference_sign(item + 32, item, secret);
}

static void repair(uint8_t *item, unsigned how) {
    if (how & 1) {
        item[96] = (uint8_t)(2 + (item[96] & 1));
    }
    if (how & 2) {
        uint8_t flip = item[32 + (item[0] & 63)];
        make_valid(item);
        if (how & 4) {
            item[flip % ITEM] ^= (uint8_t)(1 << flip / ITEM);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t items[MOST][ITEM], digests[MOST][32], signatures[MOST][64], keys[MOST][33];
    uint8_t verdicts[MOST];
    if (!reference_context) {
        reference_open();
        if (vts_kernel_init() != 0) {
            fprintf(stderr, "no AVX-512 IFMA here\n");
            exit(2);
        }
    }
    if (size < 1 + ITEM) {
        return 0;
    }
    size_t count = (size - 1) / ITEM, per_key = 1 + (data[0] & 3);
    count = count > MOST ? MOST : count;
    size_t key_count = count / per_key;
    for (size_t i = 0; i < count; i++) {
        memcpy(items[i], data + 1 + ITEM * i, ITEM);
        repair(items[i], (unsigned)(data[0] >> 2) + (unsigned)i);
        memcpy(digests[i], items[i], 32);
        memcpy(signatures[i], items[i] + 32, 64);
        if (i % per_key == 0) {
            memcpy(keys[i / per_key], items[i] + 96, 33);
        }
    }
    vts_verify_batch(digests[0], signatures[0], keys[0], verdicts, key_count, per_key);
    for (size_t i = 0; i < key_count * per_key; i++) {
        int expected = reference_verify(digests[i], signatures[i], keys[i / per_key]);
        if (verdicts[i] != expected) {
            fprintf(stderr, "item %zu: kernel %d, libsecp256k1 %d\n", i, verdicts[i], expected);
            abort();
        }
    }
    return 0;
}

#ifdef FUZZ_MAIN
static uint8_t input[1 + MOST * ITEM];

static void replay(const char *path) {
    FILE *file = fopen(path, "rb");
    CHECK(file, "cannot read %s", path);
    size_t size = fread(input, 1, sizeof input, file);
    fclose(file);
    LLVMFuzzerTestOneInput(input, size);
}

int main(int argc, char **argv) {
    char *rest = NULL;
    unsigned long seconds = argc > 1 ? strtoul(argv[1], &rest, 10) : 10;
    if (argc > 1 && *rest) {
        for (int i = 1; i < argc; i++) {
            replay(argv[i]);
        }
        return 0;
    }
    test_start("fuzz_verify");
    for (time_t end = time(NULL) + (time_t)seconds; time(NULL) < end;) {
        size_t size = 1 + ITEM * (1 + test_random() % MOST);
        test_random_bytes(input, size);
        input[0] = (uint8_t)test_random();
        LLVMFuzzerTestOneInput(input, size);
        test_checks++;
    }
    return test_end("fuzz_verify");
}
#endif
