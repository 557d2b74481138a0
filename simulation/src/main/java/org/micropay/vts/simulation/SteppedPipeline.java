package org.micropay.vts.simulation;

import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.pipeline.ClaimIngress;
import org.micropay.vts.pipeline.ClaimPipeline;
import org.micropay.vts.pipeline.CommandIngress;
import org.micropay.vts.pipeline.CounterSigner;
import org.micropay.vts.pipeline.DecisionJournal;
import org.micropay.vts.pipeline.GrantPort;
import org.micropay.vts.pipeline.HaltPort;
import org.micropay.vts.pipeline.PipelineConfig;
import org.micropay.vts.pipeline.PipelineStepper;
import org.micropay.vts.pipeline.ReplyPort;
import org.micropay.vts.pipeline.SignatureVerifier;

/** A pipeline without threads: the production one, or a test's with a bug in it. */
public interface SteppedPipeline extends AutoCloseable {
  /**
   * What a pipeline is made of.
   *
   * @param seed of the order of its steps
   */
  record Ports(
      PipelineConfig config,
      Ledger ledger,
      DecisionJournal journal,
      SignatureVerifier verifier,
      CounterSigner signer,
      ReplyPort replies,
      GrantPort grants,
      HaltPort halt,
      org.agrona.concurrent.NanoClock nanoClock,
      long seed) {}

  /** Where claims enter. */
  ClaimIngress claims();

  /** Where commands enter. */
  CommandIngress commands();

  /** Steps some stage with some batch. */
  void step();

  /** Steps until no stage finds work. */
  void runUntilQuiet();

  @Override
  void close();

  /** The production wiring. */
  static SteppedPipeline production(Ports ports) {
    ClaimPipeline pipeline =
        ClaimPipeline.builder()
            .config(ports.config())
            .ledger(ports.ledger())
            .journal(ports.journal())
            .verifiers(k -> ports.verifier())
            .signers(k -> ports.signer())
            .replyPort(ports.replies())
            .grantPort(ports.grants())
            .haltPort(ports.halt())
            .nanoClock(ports.nanoClock())
            .build();
    PipelineStepper stepper = new PipelineStepper(pipeline, ports.seed());
    return new SteppedPipeline() {
      @Override
      public ClaimIngress claims() {
        return pipeline.claims();
      }

      @Override
      public CommandIngress commands() {
        return pipeline.commands();
      }

      @Override
      public void step() {
        stepper.step();
      }

      @Override
      public void runUntilQuiet() {
        stepper.runUntilQuiet();
      }

      @Override
      public void close() {
        pipeline.close();
      }
    };
  }
}
