/**
 * ECDSA over secp256k1 for the whole project: batches for servers, single signatures for buyers and
 * merchants, and the memory that secret keys live in.
 *
 * <pre>
 *   BatchVerifier  BatchSigner      ports: columns in off-heap memory, one verdict byte per item
 *        |              |
 *        +-- Scalar...  +-- Scalar...   libsecp256k1, a loop (Secp256k1: the only class that calls it)
 *        +-- Vector...  +-- Vector...   native/c, eight at a time (VectorLibrary: likewise)
 *
 *   Kernels.select   which of the two, once at start, after KernelSelfTest on this machine
 *   KernelBench      ours, JNI and C, interleaved on the same data
 * </pre>
 *
 * <p>Both implementations accept exactly the same signatures and produce the same bytes, so a
 * program may move from one to the other at any restart.
 */
package org.micropay.vts.secp256k1;
