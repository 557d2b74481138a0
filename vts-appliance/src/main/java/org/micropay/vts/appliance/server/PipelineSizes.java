package org.micropay.vts.appliance.server;

import org.micropay.vts.affinity.Stage;
import org.micropay.vts.affinity.StagePlan;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.pipeline.PipelineConfig;
import org.micropay.vts.secp256k1.Kernel;

/** Sizes of the pipeline for a kernel and a thread plan. */
public final class PipelineSizes {
  private static final int VECTOR_LANES = 8;
  private static final int VECTOR_VERIFY_BATCH = 128;
  private static final int VECTOR_SIGN_BATCH = 128;
  private static final int SCALAR_BATCH = 16;

  private PipelineSizes() {}

  /** As the configuration has it. */
  static PipelineConfig of(Kernel kernel, StagePlan plan, ApplianceConfig config) {
    PipelineConfig sizes = of(kernel, plan, config.threads().ringSize());
    return new PipelineConfig(
        sizes.ringSize(),
        sizes.commandReserve(),
        sizes.verifiers(),
        sizes.signers(),
        sizes.lanes(),
        sizes.verifyBatch(),
        sizes.signBatch(),
        sizes.decideBatch(),
        config.journal().maxBatch(),
        sizes.replyBatch());
  }

  /** Batches that fill the vector kernel's lanes, or short ones that answer soon. */
  public static PipelineConfig of(Kernel kernel, StagePlan plan, int ringSize) {
    PipelineConfig shards =
        PipelineConfig.defaults()
            .withRingSize(ringSize)
            .withShards(plan.count(Stage.Kind.VERIFY), plan.count(Stage.Kind.SIGN));
    return kernel.name().startsWith("scalar")
        ? shards.withKernel(1, SCALAR_BATCH, SCALAR_BATCH)
        : shards.withKernel(VECTOR_LANES, VECTOR_VERIFY_BATCH, VECTOR_SIGN_BATCH);
  }
}
