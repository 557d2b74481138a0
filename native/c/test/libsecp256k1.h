/*
 * The part of libsecp256k1's public interface that the tests compare with, found at run time in the
 * shared object named by the environment variable VTS_LIBSECP256K1. Its illegal-argument callback
 * aborts: valid pointers only.
 */
#ifndef VTS_TEST_LIBSECP256K1_H
#define VTS_TEST_LIBSECP256K1_H

#include <dlfcn.h>
#include <stdint.h>

#include "test_util.h"

typedef struct {
    uint8_t data[64];
} secp_pubkey, secp_signature;

typedef int (*secp_nonce_function)(uint8_t *nonce32, const uint8_t *msg32, const uint8_t *key32,
                                   const uint8_t *algo16, void *data,
                                   unsigned attempt);

static void *secp;
static void *(*secp_context_create)(unsigned flags);
static void (*secp_context_destroy)(void *);
static int (*secp_ec_pubkey_create)(const void *, secp_pubkey *, const uint8_t *);
static int (*secp_ec_pubkey_serialize)(const void *, uint8_t *, size_t *, const secp_pubkey *,
                                       unsigned);
static int (*secp_ecdsa_sign)(const void *, secp_signature *, const uint8_t *, const uint8_t *,
                              secp_nonce_function, const void *);
static int (*secp_ecdsa_verify)(const void *, const secp_signature *, const uint8_t *,
                                const secp_pubkey *);
static int (*secp_signature_serialize_compact)(const void *, uint8_t *, const secp_signature *);
static secp_nonce_function secp_nonce_rfc6979;

static void *secp_symbol(void *library, const char *name) {
    void *symbol = dlsym(library, name);
    CHECK(symbol, "%s", dlerror());
    return symbol;
}

#define SECP_RESOLVE(pointer, name) (*(void **)&(pointer) = secp_symbol(library, "secp256k1_" name))

static inline void secp_open(void) {
    const char *path = getenv("VTS_LIBSECP256K1");
    CHECK(path, "set VTS_LIBSECP256K1 to a shared object that exports libsecp256k1");
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CHECK(library, "%s", dlerror());
    SECP_RESOLVE(secp_context_create, "context_create");
    SECP_RESOLVE(secp_context_destroy, "context_destroy");
    SECP_RESOLVE(secp_ec_pubkey_create, "ec_pubkey_create");
    SECP_RESOLVE(secp_ec_pubkey_serialize, "ec_pubkey_serialize");
    SECP_RESOLVE(secp_ecdsa_sign, "ecdsa_sign");
    SECP_RESOLVE(secp_ecdsa_verify, "ecdsa_verify");
    SECP_RESOLVE(secp_signature_serialize_compact, "ecdsa_signature_serialize_compact");
    void *nonce_function = secp_symbol(library, "secp256k1_nonce_function_rfc6979");
    secp_nonce_rfc6979 = *(secp_nonce_function *)nonce_function;
    secp = secp_context_create(1);
    CHECK(secp, "no context");
}

static inline void secp_close(void) {
    secp_context_destroy(secp);
}

#endif
