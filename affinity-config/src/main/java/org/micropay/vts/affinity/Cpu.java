package org.micropay.vts.affinity;

/**
 * One logical CPU.
 *
 * @param id number that the kernel gives it
 * @param core lowest-numbered CPU among its hardware threads: the same for all CPUs of one core
 * @param packageId socket
 * @param numaNode memory node, 0 when the machine does not say
 * @param l3 lowest-numbered CPU that shares its last-level cache
 * @param isolated kept free by the kernel (isolcpus, or a cpuset partition)
 * @param tickless without a timer tick while one thread runs (nohz_full)
 */
public record Cpu(
    int id, int core, int packageId, int numaNode, int l3, boolean isolated, boolean tickless) {}
