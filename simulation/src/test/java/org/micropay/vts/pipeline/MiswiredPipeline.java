package org.micropay.vts.pipeline;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import org.micropay.vts.simulation.SteppedPipeline;

/** The production stages in a wrong wiring, which only this package can make. */
public final class MiswiredPipeline implements SteppedPipeline {
  /** What is wrong. */
  public enum Fault {
    /** Answers do not wait for the journal. */
    REPLY_BEFORE_JOURNAL,
    /** Answers do not wait for the counter-signature. */
    REPLY_BEFORE_SIGN,
    /** A claim is decided by its terms, and not by the output that it spends. */
    DECIDES_BY_TERMS
  }

  private final List<Stage> stages;
  private final PipelineStepper stepper;
  private final ClaimIngress claims;
  private final CommandIngress commands;

  /** A pipeline with one stage of each kind. */
  public MiswiredPipeline(SteppedPipeline.Ports ports, Fault fault) {
    PipelineConfig config = ports.config().withShards(1, 1);
    HaltSwitch haltSwitch = new HaltSwitch(ports.halt());
    RingBuffer<ClaimSlot> ring =
        RingBuffer.createMultiProducer(
            ClaimSlot::new, config.ringSize(), new PollingWaitStrategy());
    StageContext context = new StageContext(ring, haltSwitch, ports.nanoClock());
    DiskReserve reserve = new DiskReserve();
    VerifyStage verify =
        new VerifyStage(
            context,
            config,
            new WorkerGroup(1),
            0,
            ports.ledger(),
            new JavaClaimDigests(),
            ports.verifier());
    Stage decide =
        fault == Fault.DECIDES_BY_TERMS
            ? new TermsDecideStage(context, config, ports.ledger(), ports.journal(), verify)
            : new DecideStage(
                context,
                config,
                ports.ledger(),
                ports.journal().nextPosition(),
                reserve,
                verify.sequence());
    JournalStage journal =
        new JournalStage(context, config, ports.journal(), reserve, decide.sequence());
    SignStage sign =
        new SignStage(context, config, new WorkerGroup(1), 0, ports.signer(), decide.sequence());
    List<Sequence> gates = new ArrayList<>(List.of(decide.sequence()));
    if (fault != Fault.REPLY_BEFORE_JOURNAL) {
      gates.add(journal.sequence());
    }
    if (fault != Fault.REPLY_BEFORE_SIGN) {
      gates.add(sign.sequence());
    }
    ServiceRate rate = new ServiceRate();
    ReplyStage reply =
        new ReplyStage(
            context,
            config,
            ports.replies(),
            ports.grants(),
            rate,
            new AtomicLongArray(PipelineCounters.CODES),
            gates.toArray(Sequence[]::new));
    ring.addGatingSequences(reply.sequence(), journal.sequence(), sign.sequence());
    stages = List.of(verify, decide, journal, sign, reply);
    stepper = new PipelineStepper(stages, ports.seed());
    claims = new ClaimIngress(ring, config.commandReserve(), rate, haltSwitch);
    commands = new CommandIngress(ring, haltSwitch);
  }

  @Override
  public ClaimIngress claims() {
    return claims;
  }

  @Override
  public CommandIngress commands() {
    return commands;
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
    stages.forEach(Stage::close);
  }
}
