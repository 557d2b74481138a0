/*
 * libsecp256k1 as the reference: opened at run time from the path in VTS_LIBSECP256K1, called
 * through prototypes of our own. Its callbacks abort: only well-formed arguments may reach it.
 */
#ifndef VTS_TEST_REFERENCE_H
#define VTS_TEST_REFERENCE_H

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    unsigned char data[64];
} reference_object;

static void *reference_context;
static int (*reference_key_parse)(const void *, reference_object *, const uint8_t *, size_t);
static int (*reference_key_create)(const void *, reference_object *, const uint8_t *);
static int (*reference_key_serialize)(const void *, uint8_t *, size_t *, const reference_object *,
                                      unsigned);
static int (*reference_signature_parse)(const void *, reference_object *, const uint8_t *);
static int (*reference_signature_serialize)(const void *, uint8_t *, const reference_object *);
static int (*reference_ecdsa_verify)(const void *, const reference_object *, const uint8_t *,
                                     const reference_object *);
static int (*reference_ecdsa_sign)(const void *, reference_object *, const uint8_t *,
                                   const uint8_t *, void *, const void *);

static inline void *reference_symbol(void *library, const char *name) {
    void *symbol = dlsym(library, name);
    if (!symbol) {
        fprintf(stderr, "libsecp256k1: no symbol %s\n", name);
        exit(2);
    }
    return symbol;
}

static inline void reference_open(void) {
    const char *path = getenv("VTS_LIBSECP256K1");
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!library) {
        fprintf(stderr, "set VTS_LIBSECP256K1 to a libsecp256k1 shared object: %s\n",
                path ? dlerror() : "not set");
        exit(2);
    }
    void *(*create)(unsigned);
#define REFERENCE_BIND(variable, name) \
    (*(void **)(void *)&(variable) = reference_symbol(library, name))
    REFERENCE_BIND(create, "secp256k1_context_create");
    REFERENCE_BIND(reference_key_parse, "secp256k1_ec_pubkey_parse");
    REFERENCE_BIND(reference_key_create, "secp256k1_ec_pubkey_create");
    REFERENCE_BIND(reference_key_serialize, "secp256k1_ec_pubkey_serialize");
    REFERENCE_BIND(reference_signature_parse, "secp256k1_ecdsa_signature_parse_compact");
    REFERENCE_BIND(reference_signature_serialize, "secp256k1_ecdsa_signature_serialize_compact");
    REFERENCE_BIND(reference_ecdsa_verify, "secp256k1_ecdsa_verify");
    REFERENCE_BIND(reference_ecdsa_sign, "secp256k1_ecdsa_sign");
    reference_context = create(1 /* SECP256K1_CONTEXT_NONE */);
}

/* The verdict of libsecp256k1 on compressed key, compact signature, digest. */
static inline int reference_verify(const uint8_t *digest, const uint8_t *signature,
                                   const uint8_t *key) {
    reference_object k, s;
    return reference_key_parse(reference_context, &k, key, 33) &&
           reference_signature_parse(reference_context, &s, signature) &&
           reference_ecdsa_verify(reference_context, &s, digest, &k);
}

static inline void reference_public_key(uint8_t key[33], const uint8_t secret[32]) {
    reference_object k;
    size_t length = 33;
    if (!reference_key_create(reference_context, &k, secret) ||
        !reference_key_serialize(reference_context, key, &length, &k, 258 /* compressed */)) {
        fprintf(stderr, "not a secret key\n");
        exit(2);
    }
}

static inline void reference_sign(uint8_t signature[64], const uint8_t digest[32],
                                  const uint8_t secret[32]) {
    reference_object s;
    if (!reference_ecdsa_sign(reference_context, &s, digest, secret, NULL, NULL) ||
        !reference_signature_serialize(reference_context, signature, &s)) {
        fprintf(stderr, "not a secret key\n");
        exit(2);
    }
}

#endif
