/*
 * Loops over libsecp256k1 in C, so that "the same work in C" can be measured in the process that
 * measures everything else. Not used in production.
 *
 * The library is not linked: the caller passes a context and the addresses of its functions, which
 * it has from the same shared object that its own bindings use. Nothing here keeps a pointer.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define API __attribute__((visibility("default")))

/* libsecp256k1's opaque types, secp256k1.h. */
typedef struct {
    _Alignas(8) unsigned char data[64];
} parsed;

/* What the caller fills; pointers in this order. */
typedef struct {
    const void *context;
    int (*pubkey_parse)(const void *, parsed *, const uint8_t *, size_t);
    int (*signature_parse)(const void *, parsed *, const uint8_t *);
    int (*signature_serialize)(const void *, uint8_t *, const parsed *);
    int (*verify)(const void *, const parsed *, const uint8_t *, const parsed *);
    int (*sign)(const void *, parsed *, const uint8_t *, const uint8_t *, const void *,
                const void *);
} secp_library;

/* Shapes and verdicts as in vts_verify_batch (vts_kernel.h); a key is parsed once. */
API void secp_loop_verify(const secp_library *lib, const uint8_t *digests,
                          const uint8_t *signatures, const uint8_t *public_keys, uint8_t *verdicts,
                          size_t keys, size_t signatures_per_key)
{
    for (size_t key = 0; key < keys; key++) {
        parsed public_key;
        int key_valid = lib->pubkey_parse(lib->context, &public_key, public_keys + 33 * key, 33);
        for (size_t i = 0; i < signatures_per_key; i++) {
            size_t item = key * signatures_per_key + i;
            parsed signature;
            verdicts[item] =
                key_valid
                && lib->signature_parse(lib->context, &signature, signatures + 64 * item)
                && lib->verify(lib->context, &signature, digests + 32 * item, &public_key);
        }
    }
}

/* Signs and verifies what was signed; a verdict of 0 comes with 64 zero bytes. */
API void secp_loop_sign(const secp_library *lib, const uint8_t *secret_key,
                        const uint8_t *public_key33, const uint8_t *digests, uint8_t *signatures,
                        uint8_t *verdicts, size_t count)
{
    parsed public_key;
    int key_valid = lib->pubkey_parse(lib->context, &public_key, public_key33, 33);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *digest = digests + 32 * i;
        parsed signature;
        verdicts[i] = key_valid
                      && lib->sign(lib->context, &signature, digest, secret_key, NULL, NULL)
                      && lib->verify(lib->context, &signature, digest, &public_key);
        if (verdicts[i]) {
            lib->signature_serialize(lib->context, signatures + 64 * i, &signature);
        } else {
            memset(signatures + 64 * i, 0, 64);
        }
    }
}
