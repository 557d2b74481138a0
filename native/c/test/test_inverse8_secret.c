/*
 * Constant-time inversion against the power a^(m-2): scalars and field elements, small, near the
 * modulus, with long runs of equal bits, and random; batches of every size up to a few.
 */
#include "../inverse8_secret.h"
#include "test_util.h"

static void draw(uint8_t bytes[8 * 32]) {
    for (int i = 0; i < 8; i++) {
        test_random_bytes(bytes + 32 * i, 32);
        switch (test_random() % 6) {
            case 0: /* small */
                memset(bytes + 32 * i, 0, 24 + test_random() % 8);
                break;
            case 1: /* just below 2^256, so small or near the modulus once reduced */
                memset(bytes + 32 * i, 0xff, 16 + test_random() % 16);
                break;
            default:
                break;
        }
        bytes[32 * i + 31] |= 1; /* not zero */
    }
}

static void should_invert_scalars(void) {
    uint8_t bytes[8 * 32];
    scalar8 a, zero_as_one, got, want;
    draw(bytes);
    scalar8_load(&a, bytes, 32, 8);
    scalar8_set_one(&zero_as_one);
    scalar8_select(&a, &a, &zero_as_one, scalar8_is_zero(&a));
    scalar8_inverse_secret(&got, &a);
    scalar8_inverse(&want, &a);
    CHECK(scalar8_equal(&got, &want) == 0xff, "%s", test_hex(bytes, 256));
}

static void should_invert_field_elements(size_t count) {
    enum { MOST = 5 };
    uint8_t bytes[8 * 32];
    fe8 a[MOST], got[MOST], scratch[MOST], one, product;
    fe8_set_one(&one);
    for (size_t i = 0; i < count; i++) {
        draw(bytes);
        scalar8_load_raw(a[i].v, bytes, 32, 8);
        fe8_normalize(&a[i], &a[i]);
        fe8_select(&a[i], &a[i], &one, fe8_is_zero(&a[i]));
        got[i] = a[i];
    }
    fe8_inverse_batch_secret(got, scratch, count);
    for (size_t i = 0; i < count; i++) {
        fe8_mul(&product, &a[i], &got[i]);
        CHECK(fe8_equal(&product, &one) == 0xff, "element %zu of %zu", i, count);
    }
}

static void should_leave_zero_zero(void) {
    uint64_t word[4] = {0};
    modinv_secret(word, &MODINV_N);
    CHECK(!(word[0] | word[1] | word[2] | word[3]), "inverse of zero");
    fe8 a = {{_mm512_setr_epi64(1, 2, 3, 4, 0, 6, 7, 8)}};
    fe8_inverse_secret(&a, &a);
    CHECK(fe8_is_zero(&a) == 0xff, "a zero lane");
}

int main(void) {
    test_start("test_inverse8_secret");
    should_leave_zero_zero();
    for (size_t i = 0, cases = test_cases(2000); i < cases; i++) {
        should_invert_scalars();
        should_invert_field_elements(i % 6);
    }
    return test_end("test_inverse8_secret");
}
