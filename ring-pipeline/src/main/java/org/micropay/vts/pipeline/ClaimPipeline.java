package org.micropay.vts.pipeline;

import com.lmax.disruptor.RingBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.micropay.vts.ledger.Ledger;

/**
 * The claims' way through the VTS: one Disruptor ring, and the stages over it.
 *
 * <pre>
 *                          +----------+                +---------+
 *  ClaimIngress   \        | verify-0 |                | journal |
 *                  > ring  +----------+    +--------+  +---------+    +-------+   ReplyPort
 *  CommandIngress /        |   ...    | -> | decide |->| sign-0  | -> | reply |-> GrantPort
 *                          | verify-n |    +--------+  |   ...   |    +-------+   completions
 *                          +----------+                | sign-m  |
 *                                                      +---------+
 * </pre>
 *
 * <p>The ledger belongs to the decide stage from {@link Builder#build} until {@link #close}; others
 * read its view. The journal belongs to the journal stage. Both are closed by whoever opened them,
 * after the pipeline.
 */
public final class ClaimPipeline implements AutoCloseable {
  private static final long DRAIN_POLL_NANOS = 100_000L;

  private final RingBuffer<ClaimSlot> ring;
  private final HaltSwitch haltSwitch;
  private final List<Stage> stages;
  private final Stage last;
  private final List<StageThread> threads;
  private final ClaimIngress claims;
  private final CommandIngress commands;
  private final PipelineCounters counters;
  private boolean started;
  private boolean closed;

  private ClaimPipeline(Builder builder) {
    PipelineConfig config = builder.config;
    haltSwitch = new HaltSwitch(builder.haltPort);
    ring =
        RingBuffer.createMultiProducer(
            ClaimSlot::new, config.ringSize(), new PollingWaitStrategy());
    ServiceRate serviceRate = new ServiceRate();
    DiskReserve diskReserve = new DiskReserve();
    AtomicLongArray answers = new AtomicLongArray(PipelineCounters.CODES);
    stages =
        wire(
            builder,
            new StageContext(ring, haltSwitch, builder.nanoClock),
            serviceRate,
            diskReserve,
            answers);
    last = stages.getLast();
    ring.addGatingSequences(last.sequence());
    claims = new ClaimIngress(ring, config.commandReserve(), serviceRate, haltSwitch);
    commands = new CommandIngress(ring, haltSwitch);
    counters =
        new PipelineCounters(
            ring,
            stages.stream().map(Stage::counters).toList(),
            answers,
            serviceRate,
            claims,
            diskReserve);
    threads = threads(builder.placements);
  }

  private static List<Stage> wire(
      Builder builder,
      StageContext context,
      ServiceRate serviceRate,
      DiskReserve diskReserve,
      AtomicLongArray answers) {
    PipelineConfig config = builder.config;
    List<Stage> stages = new ArrayList<>();
    WorkerGroup verifiers = new WorkerGroup(config.verifiers());
    for (int k = 0; k < config.verifiers(); k++) {
      SignatureVerifier verifier = builder.verifiers.apply(k);
      ClaimDigests digests = builder.digests.apply(k);
      stages.add(new VerifyStage(context, config, verifiers, k, builder.ledger, digests, verifier));
    }
    DecideStage decide =
        new DecideStage(
            context,
            config,
            builder.ledger,
            builder.journal.nextPosition(),
            diskReserve,
            verifiers.finished());
    stages.add(decide);
    JournalStage journal =
        new JournalStage(context, config, builder.journal, diskReserve, decide.sequence());
    stages.add(journal);
    WorkerGroup signers = new WorkerGroup(config.signers());
    for (int k = 0; k < config.signers(); k++) {
      CounterSigner signer = builder.signers.apply(k);
      stages.add(new SignStage(context, config, signers, k, signer, decide.sequence()));
    }
    stages.add(
        new ReplyStage(
            context,
            config,
            builder.replyPort,
            builder.grantPort,
            serviceRate,
            answers,
            journal.sequence(),
            signers.finished()));
    return List.copyOf(stages);
  }

  private List<StageThread> threads(List<StagePlacement> placements) {
    Map<String, Stage> free = new HashMap<>();
    stages.forEach(stage -> free.put(stage.name(), stage));
    List<StageThread> planned = new ArrayList<>();
    for (StagePlacement placement : placements) {
      List<Stage> own = new ArrayList<>();
      for (String name : placement.stages()) {
        Stage stage = free.remove(name);
        if (stage == null) {
          throw new IllegalArgumentException(
              "stage " + name + " is unknown or placed twice; stages: " + stageNames());
        }
        own.add(stage);
      }
      planned.add(
          new StageThread(
              placement.thread(), own, placement.idle(), placement.onStart(), haltSwitch));
    }
    if (!placements.isEmpty() && !free.isEmpty()) {
      throw new IllegalArgumentException("no thread runs " + free.keySet());
    }
    return List.copyOf(planned);
  }

  /** Names of the stages that {@code config} asks for, in the order of a claim's way. */
  public static List<String> stageNames(PipelineConfig config) {
    List<String> names = new ArrayList<>();
    IntStream.range(0, config.verifiers()).forEach(k -> names.add("verify-" + k));
    names.add("decide");
    names.add("journal");
    IntStream.range(0, config.signers()).forEach(k -> names.add("sign-" + k));
    names.add("reply");
    return List.copyOf(names);
  }

  /** A builder; everything but placements, grant port and nano clock must be set. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts the threads; a pipeline without placements is stepped instead. */
  public void start() {
    if (threads.isEmpty() || started) {
      throw new IllegalStateException(
          started ? "already started" : "no placements; step the stages with PipelineStepper");
    }
    started = true;
    threads.forEach(StageThread::start);
  }

  /** Where claims enter. */
  public ClaimIngress claims() {
    return claims;
  }

  /** Where commands enter. */
  public CommandIngress commands() {
    return commands;
  }

  /** Numbers for metrics. */
  public PipelineCounters counters() {
    return counters;
  }

  /** The stages in the order of a claim's way. */
  public List<Stage> stages() {
    return stages;
  }

  /** The stages' names in the order of a claim's way. */
  public List<String> stageNames() {
    return stages.stream().map(Stage::name).toList();
  }

  /** Whether a stage has failed; final. */
  public boolean isHalted() {
    return haltSwitch.isHalted();
  }

  /** Thread ids by thread name, for allocation counters and CPU accounting. */
  public Map<String, Long> threadIds() {
    Map<String, Long> ids = new HashMap<>();
    threads.forEach(thread -> ids.put(thread.name(), thread.threadId()));
    return Map.copyOf(ids);
  }

  /** Whether everything that entered has been answered. */
  public boolean isDrained() {
    return last.position() >= ring.getCursor();
  }

  /**
   * Stops accepting, lets the threads answer what is on the ring, ends them and frees the stages'
   * memory. After a halt nothing more is answered. The edge stops its producers first: a claim
   * published while this runs may stay unanswered. Idempotent; not from a stage's thread.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    claims.close();
    commands.close();
    while (started && !haltSwitch.isHalted() && !isDrained()) {
      LockSupport.parkNanos(DRAIN_POLL_NANOS);
    }
    if (started) {
      threads.forEach(StageThread::stop);
    }
    stages.forEach(Stage::close);
  }

  /** Collects a pipeline's parts. */
  public static final class Builder {
    private PipelineConfig config = PipelineConfig.defaults();
    private Ledger ledger;
    private DecisionJournal journal;
    private IntFunction<? extends ClaimDigests> digests = k -> new JavaClaimDigests();
    private IntFunction<? extends SignatureVerifier> verifiers;
    private IntFunction<? extends CounterSigner> signers;
    private ReplyPort replyPort;
    private GrantPort grantPort = slot -> {};
    private HaltPort haltPort;
    private NanoClock nanoClock = SystemNanoClock.INSTANCE;
    private List<StagePlacement> placements = List.of();

    private Builder() {}

    /** Sizes; {@link PipelineConfig#defaults()} when not set. */
    public Builder config(PipelineConfig value) {
      config = value;
      return this;
    }

    /** The ledger, recovered up to the record before the journal's next position. */
    public Builder ledger(Ledger value) {
      ledger = value;
      return this;
    }

    /** The journal; everything in it must be durable. */
    public Builder journal(DecisionJournal value) {
      journal = value;
      return this;
    }

    /** One computer of digests for each verify stage; {@link JavaClaimDigests} when not set. */
    public Builder digests(IntFunction<? extends ClaimDigests> value) {
      digests = value;
      return this;
    }

    /** One verifier for each verify stage. */
    public Builder verifiers(IntFunction<? extends SignatureVerifier> value) {
      verifiers = value;
      return this;
    }

    /** One signer for each sign stage, all with the same key. */
    public Builder signers(IntFunction<? extends CounterSigner> value) {
      signers = value;
      return this;
    }

    /** Where answers go. */
    public Builder replyPort(ReplyPort value) {
      replyPort = value;
      return this;
    }

    /** Where new grants go; nowhere when not set. */
    public Builder grantPort(GrantPort value) {
      grantPort = value;
      return this;
    }

    /** What ends the process. */
    public Builder haltPort(HaltPort value) {
      haltPort = value;
      return this;
    }

    /**
     * Clock of the latency stamps and of the journal's linger; System.nanoTime when not set.
     * Decides no claim. A stepped pipeline needs one that does not depend on real time, or its runs
     * cannot be repeated.
     */
    public Builder nanoClock(NanoClock value) {
      nanoClock = value;
      return this;
    }

    /** Which thread runs which stages; each stage exactly once. Not set for a stepped pipeline. */
    public Builder placements(List<StagePlacement> value) {
      placements = List.copyOf(value);
      return this;
    }

    /**
     * The pipeline, its threads not started.
     *
     * @throws IllegalStateException when the journal has records that are not durable
     */
    public ClaimPipeline build() {
      Objects.requireNonNull(config, "config");
      Objects.requireNonNull(ledger, "ledger");
      Objects.requireNonNull(journal, "journal");
      Objects.requireNonNull(digests, "digests");
      Objects.requireNonNull(verifiers, "verifiers");
      Objects.requireNonNull(signers, "signers");
      Objects.requireNonNull(replyPort, "replyPort");
      Objects.requireNonNull(grantPort, "grantPort");
      Objects.requireNonNull(haltPort, "haltPort");
      Objects.requireNonNull(nanoClock, "nanoClock");
      if (journal.durablePosition() != journal.nextPosition() - 1) {
        // A repeat would be answered from a grant that a power loss could still take away.
        throw new IllegalStateException(
            "the journal is durable up to "
                + journal.durablePosition()
                + " but holds records up to "
                + (journal.nextPosition() - 1)
                + "; sync it before it is used");
      }
      return new ClaimPipeline(this);
    }
  }
}
