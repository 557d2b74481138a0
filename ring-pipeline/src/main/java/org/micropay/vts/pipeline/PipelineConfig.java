package org.micropay.vts.pipeline;

/**
 * Sizes of a pipeline. None of them changes a decision; they trade memory, latency and throughput.
 *
 * @param ringSize slots, a power of two; about 1.3 KiB each
 * @param commandReserve slots that only commands may take, at least 1 and below ringSize
 * @param verifiers number of verify stages
 * @param signers number of sign stages
 * @param lanes rows that the kernels work on side by side; 1 for a scalar kernel, 8 for AVX-512
 * @param verifyBatch most claims in one verifier call, a multiple of lanes
 * @param signBatch most grants in one signer call, a multiple of lanes
 * @param decideBatch most slots decided before the stages behind see them
 * @param journalBatch most slots covered by one sync
 * @param replyBatch most slots answered before a flush
 */
public record PipelineConfig(
    int ringSize,
    int commandReserve,
    int verifiers,
    int signers,
    int lanes,
    int verifyBatch,
    int signBatch,
    int decideBatch,
    int journalBatch,
    int replyBatch) {
  private static final int DEFAULT_RING = 4096;
  private static final int LANES = 8;
  private static final int LANE_BATCH = 64;
  private static final int BATCH = 1024;

  /** Checks the sizes against each other. */
  public PipelineConfig {
    require(Integer.bitCount(ringSize) == 1, "ringSize", ringSize, "a power of two");
    require(
        commandReserve >= 1 && commandReserve < ringSize,
        "commandReserve",
        commandReserve,
        "at least 1 and below ringSize");
    require(verifiers >= 1, "verifiers", verifiers, "at least 1");
    require(signers >= 1, "signers", signers, "at least 1");
    require(lanes >= 1, "lanes", lanes, "at least 1");
    require(
        verifyBatch >= lanes && verifyBatch % lanes == 0,
        "verifyBatch",
        verifyBatch,
        "a multiple of lanes");
    require(
        signBatch >= lanes && signBatch % lanes == 0,
        "signBatch",
        signBatch,
        "a multiple of lanes");
    require(decideBatch >= 1, "decideBatch", decideBatch, "at least 1");
    require(journalBatch >= 1, "journalBatch", journalBatch, "at least 1");
    require(replyBatch >= 1, "replyBatch", replyBatch, "at least 1");
  }

  private static void require(boolean holds, String name, long value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be " + rule);
    }
  }

  /** One verify and one sign stage, a ring of 4096 slots, batches that fill eight lanes. */
  public static PipelineConfig defaults() {
    return new PipelineConfig(
        DEFAULT_RING, DEFAULT_RING / 16, 1, 1, LANES, LANE_BATCH, LANE_BATCH, BATCH, BATCH, BATCH);
  }

  /** The same with another number of slots, a sixteenth of them for commands. */
  public PipelineConfig withRingSize(int slots) {
    return new PipelineConfig(
        slots,
        Math.max(1, slots / 16),
        verifiers,
        signers,
        lanes,
        verifyBatch,
        signBatch,
        decideBatch,
        journalBatch,
        replyBatch);
  }

  /** The same with other numbers of verify and sign stages. */
  public PipelineConfig withShards(int verifyStages, int signStages) {
    return new PipelineConfig(
        ringSize,
        commandReserve,
        verifyStages,
        signStages,
        lanes,
        verifyBatch,
        signBatch,
        decideBatch,
        journalBatch,
        replyBatch);
  }

  /** The same for kernels of other shape. */
  public PipelineConfig withKernel(int kernelLanes, int claimsPerVerify, int grantsPerSign) {
    return new PipelineConfig(
        ringSize,
        commandReserve,
        verifiers,
        signers,
        kernelLanes,
        claimsPerVerify,
        grantsPerSign,
        decideBatch,
        journalBatch,
        replyBatch);
  }
}
