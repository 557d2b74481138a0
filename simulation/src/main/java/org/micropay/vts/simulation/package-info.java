/**
 * A seeded simulator and a torture harness for the VTS.
 *
 * <p>The simulator runs a whole VTS in one thread: the production pipeline stages (stepped), the
 * production ledger, the production journal with its frames and its recovery over a disk with a
 * page cache that fails, and production settlement over the embedded chain. Clients, network,
 * clock, disk and chain are simulated, and everything that happens follows from one seed. Named
 * checkers hold every answer and every recovery against what must always be true.
 *
 * <p>The torture harness does the same to the real thing: processes killed by SIGKILL, images of a
 * real journal after a power loss, flipped bits, failing system calls.
 *
 * <p>Nothing imports this module but the command that starts it.
 */
package org.micropay.vts.simulation;
