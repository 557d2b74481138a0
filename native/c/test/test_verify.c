/*
 * Batch verification against libsecp256k1: random signatures, mutated ones, and every special case
 * that the group law, the range checks and the comparison have.
 */
#include <pthread.h>

#include "../vts_kernel.h"
#include "model.h"
#include "reference.h"
#include "test_util.h"

typedef struct {
    uint8_t digest[32], signature[64], key[33];
} item;

static uint64_t valid_seen, invalid_seen;

/* Items share keys in runs of per_key; compares the kernel's verdicts with the reference's. */
static void check_batch(const item *items, size_t keys, size_t per_key, const char *what) {
    size_t count = keys * per_key;
    uint8_t *digests = calloc(32, count + 1), *signatures = calloc(64, count + 1);
    uint8_t *public_keys = calloc(33, keys + 1), *verdicts = calloc(1, count + 1);
    for (size_t i = 0; i < count; i++) {
        memcpy(digests + 32 * i, items[i].digest, 32);
        memcpy(signatures + 64 * i, items[i].signature, 64);
    }
    for (size_t k = 0; k < keys; k++) {
        memcpy(public_keys + 33 * k, items[k * per_key].key, 33);
    }
    memset(verdicts, 0xee, count + 1);
    vts_verify_batch(digests, signatures, public_keys, verdicts, keys, per_key);
    CHECK(verdicts[count] == 0xee, "%s: wrote past the end", what);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *key = items[i / per_key * per_key].key;
        int expected = reference_verify(items[i].digest, items[i].signature, key);
        CHECK(verdicts[i] == expected,
              "%s: item %zu of %zu keys * %zu: kernel %d, reference %d\n"
              "  digest %s\n  signature %s\n  key %s",
              what, i, keys, per_key, verdicts[i], expected, test_hex(items[i].digest, 32),
              test_hex(items[i].signature, 64), test_hex(key, 33));
        if (expected) {
            valid_seen++;
        } else {
            invalid_seen++;
        }
    }
    free(digests);
    free(signatures);
    free(public_keys);
    free(verdicts);
}

static void random_secret(uint8_t secret[32]) {
    model_number k;
    do {
        test_random_bytes(secret, 32);
        k = model_from_bytes(secret);
    } while (model_is_zero(&k) || model_compare(&k, &MODEL_N) >= 0);
}

static void random_item(item *it, const uint8_t secret[32]) {
    test_random_bytes(it->digest, 32);
    reference_public_key(it->key, secret);
    reference_sign(it->signature, it->digest, secret);
}

static void put(uint8_t *bytes, model_number value) {
    model_to_bytes(bytes, &value);
}

/* One of the ways to spoil an item; also ways that leave it well. */
static void mutate(item *it) {
    model_number s = model_from_bytes(it->signature + 32);
    uint64_t bit = test_random();
    switch (test_random() % 12) {
        case 0:
            it->digest[bit % 32] ^= (uint8_t)(1 << (bit >> 8) % 8);
            break;
        case 1:
            it->signature[bit % 64] ^= (uint8_t)(1 << (bit >> 8) % 8);
            break;
        case 2:
            it->key[bit % 33] ^= (uint8_t)(1 << (bit >> 8) % 8);
            break;
        case 3: /* high s */
            put(it->signature + 32, model_negate(s, &MODEL_N));
            break;
        case 4:
            memset(it->signature + 32 * (bit & 1), 0, 32);
            break;
        case 5:
            put(it->signature + 32 * (bit & 1), MODEL_N);
            break;
        case 6:
            test_random_bytes(it->signature, 64);
            break;
        case 7: /* the other y */
            it->key[0] ^= 1;
            break;
        case 8:
            test_random_bytes(it->key + 1, 32);
            break;
        case 9:
            memset(it->signature + 32 * (bit & 1), 0xff, 32);
            break;
        case 10: { /* r + n, if that still is below 2^256 */
            model_number r = model_from_bytes(it->signature);
            model_add_words(&r, &r, &MODEL_N);
            put(it->signature, r);
            break;
        }
        default:
            it->key[0] = (uint8_t)bit;
    }
}

static void test_random_batches(size_t wanted) {
    enum { MOST = 400 };
    static item items[MOST];
    for (size_t done = 0; done < wanted;) {
        size_t per_key = 1 + test_random() % 4, keys = test_random() % 90;
        if (test_random() % 8 == 0) {
            per_key = 1 + test_random() % 70;
        }
        keys = keys * per_key > MOST ? MOST / per_key : keys;
        unsigned spoil = test_random() % 3 ? 4 : 0;
        for (size_t k = 0; k < keys; k++) {
            uint8_t secret[32];
            random_secret(secret);
            for (size_t j = 0; j < per_key; j++) {
                item *it = &items[k * per_key + j];
                random_item(it, secret);
                if (spoil && test_random() % spoil == 0) {
                    mutate(it);
                }
            }
        }
        check_batch(items, keys, per_key, "random");
        done += keys * per_key;
    }
}

/* The special item in every lane of the first and of a later group, among honest ones. */
static void check_everywhere(const item *special, const char *what) {
    enum { KEYS = 17 };
    static item honest[KEYS];
    static int made;
    for (size_t i = 0; !made && i < KEYS; i++) {
        uint8_t secret[32];
        random_secret(secret);
        random_item(&honest[i], secret);
    }
    made = 1;
    check_batch(special, 1, 1, what);
    for (size_t at = 0; at < KEYS; at++) {
        item saved = honest[at];
        honest[at] = *special;
        check_batch(honest, KEYS, 1, what);
        honest[at] = saved;
    }
    item pair[2 * KEYS];
    for (size_t i = 0; i < 2 * KEYS; i++) {
        pair[i] = i % 2 ? *special : honest[i / 2];
        memcpy(pair[i].key, special->key, 33);
    }
    check_batch(pair, KEYS, 2, what);
}

static model_number random_scalar(void) {
    uint8_t bytes[32];
    random_secret(bytes);
    return model_from_bytes(bytes);
}

static void put_key(uint8_t key[33], const model_point *q) {
    key[0] = (uint8_t)(2 + (q->y.w[0] & 1));
    put(key + 1, q->x);
}

/*
 * A signature whose verification computes u1 G + u2 Q: choose u1, u2, take r from the point
 * (any, when it is infinity), s = r / u2, digest = u1 s. Then low s. Honest by construction.
 */
static void item_for_r(item *it, const model_point *q, model_number u1, model_number u2,
                       model_number r) {
    const model_number *n = &MODEL_N;
    model_number s = model_mul(r, model_inverse(u2, n), n);
    model_number digest = model_mul(u1, s, n);
    model_number minus = model_negate(s, n);
    if (model_compare(&s, &minus) > 0) {
        s = minus; /* u1, u2 both change sign, and so does the point; x stays */
    }
    put(it->digest, digest);
    put(it->signature, r);
    put(it->signature + 32, s);
    put_key(it->key, q);
}

static void item_of(item *it, const model_point *q, model_number u1, model_number u2) {
    model_point point = model_point_add(model_point_multiply(MODEL_G, u1),
                                        model_point_multiply(*q, u2));
    model_number r = point.infinity ? random_scalar() : point.x;
    if (model_compare(&r, &MODEL_N) >= 0) {
        model_sub_words(&r, &r, &MODEL_N);
    }
    item_for_r(it, q, u1, u2, r);
}

static model_number power_of_two(unsigned bit) {
    model_number r = model_small(0);
    r.w[bit / 64] = 1ULL << bit % 64;
    return r;
}

static model_number small_or_edge(void) {
    const model_number *n = &MODEL_N;
    model_number k;
    switch (test_random() % 6) {
        case 0:
            k = model_small(1 + test_random() % 40);
            break;
        case 1:
            k = power_of_two((unsigned)(test_random() % 255));
            break;
        case 2:
            k = MODEL_LAMBDA;
            break;
        case 3:
            k = model_mul(MODEL_LAMBDA, model_small(1 + test_random() % 12), n);
            break;
        case 4:
            k = model_mul(power_of_two((unsigned)(3 * (test_random() % 44))),
                          model_small(1 + test_random() % 9), n);
            break;
        default:
            k = random_scalar();
    }
    return test_random() & 1 ? model_negate(k, n) : k;
}

/* Keys that are multiples of G the tables hold, scalars that make sums meet their addends. */
static void test_group_law(size_t cases) {
    const model_number *n = &MODEL_N;
    for (size_t i = 0; i < cases; i++) {
        model_number secret = small_or_edge(), u1 = small_or_edge(), u2 = small_or_edge();
        model_point q = model_point_multiply(MODEL_G, secret);
        item it;
        if (i % 4 == 0) { /* R at infinity: u1 = -u2 secret */
            u1 = model_negate(model_mul(u2, secret, n), n);
        } else if (i % 4 == 1) { /* u1 G = u2 Q: the sum ends in a doubling */
            u1 = model_mul(u2, secret, n);
        } else if (i % 4 == 2) { /* digest zero: u1 = 0 */
            u1 = model_small(0);
        }
        item_of(&it, &q, u1, u2);
        if (i % 8 < 4) {
            item ones[3] = {it, it, it};
            check_batch(ones, 3, 1, "group law");
            check_batch(ones, 1, 3, "group law");
        } else {
            check_everywhere(&it, "group law, everywhere");
        }
    }
}

/* Q = +-G, +-lambda G, +-lambda^2 G and small multiples of them, with small and equal scalars. */
static void test_generator_keys(void) {
    const model_number *n = &MODEL_N;
    model_number unit = model_small(1);
    for (int turn = 0; turn < 3; turn++, unit = model_mul(unit, MODEL_LAMBDA, n)) {
        for (uint64_t factor = 1; factor < 6; factor++) {
            for (int sign = 0; sign < 2; sign++) {
                model_number secret = model_mul(unit, model_small(factor), n);
                secret = sign ? model_negate(secret, n) : secret;
                model_point q = model_point_multiply(MODEL_G, secret);
                for (uint64_t u = 1; u < 4; u++) {
                    item it;
                    item_of(&it, &q, model_small(u), model_small(factor));
                    check_everywhere(&it, "multiple of G");
                    item_of(&it, &q, model_small(0), model_small(u));
                    check_batch(&it, 1, 1, "u1 = 0");
                    item_of(&it, &q, model_negate(model_mul(secret, model_small(u), n), n),
                            model_small(u));
                    check_batch(&it, 1, 1, "infinity");
                }
            }
        }
    }
}

/*
 * Sums that meet their addend in the middle of the ladder: at bit 48 the key's part is a G or its
 * negative, and the generator's digit there is a. What follows is added to the doubled point, or
 * begins anew. Valid, and with an r that is not the point's: an addition formula that breaks down
 * gives (0, 0, 0), which looks like any r.
 */
static void test_meetings(void) {
    const model_number *n = &MODEL_N;
    model_number unit = model_small(1), back = model_small(1), at = model_small(1ULL << 48);
    model_number lambda_squared = model_mul(MODEL_LAMBDA, MODEL_LAMBDA, n);
    for (int turn = 0; turn < 3; turn++) {
        for (uint64_t a = 1; a < 6; a++) {
            for (uint64_t low = 0; low < 3; low++) {
                for (int sign = 0; sign < 2; sign++) {
                    model_number secret = sign ? model_negate(unit, n) : unit;
                    model_number part = model_mul(at, model_small(a), n);
                    model_number u1 = model_add(part, model_small(low * 77), n);
                    model_number u2 = model_mul(part, back, n);
                    model_point q = model_point_multiply(MODEL_G, secret);
                    item its[2];
                    item_of(&its[0], &q, u1, u2);
                    item_for_r(&its[1], &q, u1, u2, random_scalar());
                    int valid = low || !sign; /* else infinity */
                    CHECK(reference_verify(its[0].digest, its[0].signature, its[0].key) == valid,
                          "construction");
                    check_batch(its, 1, 2, "meeting");
                    if (a == 1) {
                        check_everywhere(&its[low & 1], "meeting, everywhere");
                    }
                }
            }
        }
        unit = model_mul(unit, MODEL_LAMBDA, n);
        back = model_mul(back, lambda_squared, n);
    }
}

/*
 * r in its second form: a point whose x is n + r, r < p - n. No discrete logarithm of it is known,
 * so the key is made to fit: Q = (s R - z G) / r, for any s and digest z.
 */
static void test_second_candidate(void) {
    const model_number *n = &MODEL_N, *p = &MODEL_P;
    int found = 0;
    for (uint64_t r = 1; found < 6; r++) {
        model_point point = {.infinity = 0};
        model_number b = model_small(7), low = model_small(r), x;
        model_number near;
        model_sub_words(&near, p, n);
        model_number back = model_small(r);
        if (found >= 3) { /* from the top: r = p - n - 1, ... */
            model_sub_words(&low, &near, &back);
        }
        model_add_words(&x, &low, n);
        point.x = x;
        model_number right = model_add(model_mul(model_mul(x, x, p), x, p), b, p);
        if (!model_sqrt(&point.y, right)) {
            continue;
        }
        found++;
        r = found == 3 ? 0 : r;
        model_number s = random_scalar(), z = random_scalar(), minus = model_negate(s, n);
        s = model_compare(&s, &minus) > 0 ? minus : s;
        model_point q = model_point_add(
            model_point_multiply(point, s),
            model_point_negate(model_point_multiply(MODEL_G, z)));
        q = model_point_multiply(q, model_inverse(low, n));
        item it;
        put(it.digest, z);
        put(it.signature, low);
        put(it.signature + 32, s);
        put_key(it.key, &q);
        CHECK(reference_verify(it.digest, it.signature, it.key), "construction is valid");
        check_everywhere(&it, "r + n");
        put(it.signature, x); /* the point's x itself is no r: >= n */
        check_batch(&it, 1, 1, "r >= n");
        put(it.signature, near); /* p - n has no second form */
        check_batch(&it, 1, 1, "r = p - n");
    }
}

/* Bounds of the ranges: s at half the order, digests at and above n, r and s around n. */
static void test_ranges(void) {
    const model_number *n = &MODEL_N;
    model_number half = *n;
    for (int i = 0; i < 4; i++) {
        half.w[i] = n->w[i] >> 1 | (i < 3 ? n->w[i + 1] << 63 : 0);
    }
    for (int above = 0; above < 2; above++) {
        model_number s = model_add(half, model_small((uint64_t)above), n);
        model_number k = random_scalar(), z = random_scalar();
        model_point point = model_point_multiply(MODEL_G, k);
        model_number r = point.x;
        model_point q = model_point_multiply(
            model_point_add(model_point_multiply(point, s),
                            model_point_negate(model_point_multiply(MODEL_G, z))),
            model_inverse(r, n));
        item it;
        put(it.digest, z);
        put(it.signature, r);
        put(it.signature + 32, s);
        put_key(it.key, &q);
        CHECK(reference_verify(it.digest, it.signature, it.key) == !above, "half order");
        check_everywhere(&it, "s at half the order");
    }
    static const uint64_t offsets[] = {0, 1, 2, 3};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        uint8_t secret[32];
        item it;
        random_secret(secret);
        random_item(&it, secret);
        model_number edge, offset = model_small(offsets[i]);
        model_add_words(&edge, n, &offset);
        put(it.digest, edge); /* n + i: the same as the digest i */
        reference_sign(it.signature, it.digest, secret);
        check_everywhere(&it, "digest >= n");
        memset(it.digest, 0xff, 32);
        reference_sign(it.signature, it.digest, secret);
        check_batch(&it, 1, 1, "digest all ones");
        memset(it.digest, 0, 32);
        reference_sign(it.signature, it.digest, secret);
        check_everywhere(&it, "digest zero");
        for (int which = 0; which < 2; which++) {
            item bad = it;
            put(bad.signature + 32 * which, edge);
            check_everywhere(&bad, "r or s >= n");
            model_sub_words(&edge, n, &offset);
            put(bad.signature + 32 * which, edge);
            check_batch(&bad, 1, 1, "r or s just below n");
            put(bad.signature + 32 * which, offset);
            check_batch(&bad, 1, 1, "r or s small");
        }
    }
}

/* Keys with x >= p, off the curve, with other prefixes. */
static void test_keys(void) {
    const model_number *p = &MODEL_P;
    uint8_t secret[32];
    item honest;
    random_secret(secret);
    random_item(&honest, secret);
    for (unsigned prefix = 0; prefix < 256; prefix++) {
        item it = honest;
        it.key[0] = (uint8_t)prefix;
        check_batch(&it, 1, 1, "prefix");
    }
    for (uint64_t i = 0; i < 40; i++) {
        item it = honest;
        model_number x, offset = model_small(i);
        model_add_words(&x, p, &offset); /* p + i: on the curve if i is, but not canonical */
        put(it.key + 1, x);
        i < 4 ? check_everywhere(&it, "x >= p") : check_batch(&it, 1, 1, "x >= p");
        model_sub_words(&x, p, &offset);
        put(it.key + 1, x);
        check_batch(&it, 1, 1, "x just below p");
        put(it.key + 1, offset);
        i < 4 ? check_everywhere(&it, "x small") : check_batch(&it, 1, 1, "x small");
    }
    memset(honest.key + 1, 0xff, 32);
    check_everywhere(&honest, "x all ones");
}

static void test_counts(void) {
    item items[40];
    uint8_t secret[32];
    random_secret(secret);
    for (size_t i = 0; i < 40; i++) {
        random_item(&items[i], secret);
    }
    vts_verify_batch(NULL, NULL, NULL, NULL, 0, 0);
    vts_verify_batch(NULL, NULL, NULL, NULL, 0, 2);
    vts_verify_batch(NULL, NULL, items[0].key, NULL, 1, 0);
    for (size_t count = 0; count <= 40; count++) {
        check_batch(items, count, 1, "counts");
        check_batch(items, 1, count, "counts");
        check_batch(items, count / 2, 2, "counts");
    }
}

/* Several threads at once, each with a batch of its own, must see what one alone sees. */
enum { THREADS = 4, THREAD_ITEMS = 50, THREAD_ROUNDS = 20 };

static uint8_t thread_digests[THREAD_ITEMS][32], thread_signatures[THREAD_ITEMS][64];
static uint8_t thread_keys[THREAD_ITEMS][33], thread_expected[THREAD_ITEMS];

static void *verify_in_thread(void *from) {
    size_t first = (size_t)(uintptr_t)from, count = THREAD_ITEMS - first;
    for (int round = 0; round < THREAD_ROUNDS; round++) {
        uint8_t verdicts[THREAD_ITEMS];
        vts_verify_batch(thread_digests[first], thread_signatures[first], thread_keys[first],
                         verdicts, count, 1);
        if (memcmp(verdicts, thread_expected + first, count) != 0) {
            return from;
        }
    }
    return NULL;
}

static void test_threads(void) {
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREAD_ITEMS; i++) {
        uint8_t secret[32];
        item it;
        random_secret(secret);
        random_item(&it, secret);
        if (test_random() % 3 == 0) {
            mutate(&it);
        }
        memcpy(thread_digests[i], it.digest, 32);
        memcpy(thread_signatures[i], it.signature, 64);
        memcpy(thread_keys[i], it.key, 33);
        thread_expected[i] = (uint8_t)reference_verify(it.digest, it.signature, it.key);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *first = (void *)(uintptr_t)(1 + i);
        CHECK(pthread_create(&threads[i], NULL, verify_in_thread, first) == 0, "thread %zu", i);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *failed;
        CHECK(pthread_join(threads[i], &failed) == 0 && !failed, "thread %zu", i);
    }
}

int main(void) {
    test_start("verify");
    reference_open();
    if (!vts_kernel_supported()) {
        printf("verify: skipped, no AVX-512 IFMA here\n");
        return 0;
    }
    CHECK(vts_kernel_init() == 0 && vts_kernel_init() == 0, "init");
    test_counts();
    test_threads();
    test_keys();
    test_ranges();
    test_generator_keys();
    test_meetings();
    test_second_candidate();
    test_group_law(test_cases(64));
    test_random_batches(test_cases(100000));
    printf("verify: %llu valid, %llu invalid\n", (unsigned long long)valid_seen,
           (unsigned long long)invalid_seen);
    return test_end("verify");
}
