package org.micropay.vts.appliance.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.HdrHistogram.Histogram;
import org.micropay.vts.affinity.StagePlan;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.config.Endpoint;
import org.micropay.vts.appliance.http.HttpApi;
import org.micropay.vts.appliance.http.HttpServices;
import org.micropay.vts.appliance.http.PsbtServices;
import org.micropay.vts.appliance.http.SettlementControl;
import org.micropay.vts.appliance.log.LogKey;
import org.micropay.vts.appliance.log.TransparencyLog;
import org.micropay.vts.appliance.stream.StreamServer;
import org.micropay.vts.appliance.stream.StreamServices;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.ledger.LedgerView;
import org.micropay.vts.ledger.TipInfo;
import org.micropay.vts.pipeline.ClaimPipeline;
import org.micropay.vts.pipeline.HaltPort;
import org.micropay.vts.secp256k1.BatchSigner;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.secp256k1.ProcessHardening;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.Books;
import org.micropay.vts.settlement.FeeSigner;
import org.micropay.vts.settlement.FollowerConfig;
import org.micropay.vts.settlement.OperatorSettings;
import org.micropay.vts.settlement.Settlement;
import org.micropay.vts.settlement.SettlementPlan;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.DoubleSpendEvidence;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole VTS in one process: recovers from the journal, then runs pipeline, settlement and both
 * interfaces until it is closed.
 *
 * <p>Start and close belong to one thread. What is opened is closed in the opposite order, so that
 * everything accepted is answered before the journal goes.
 */
public final class VtsServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("vts.server");
  private static final int HTTP_CONNECTIONS = 1;
  private static final int CORES_PER_LOOP = 4;

  private final long startMillis = System.currentTimeMillis();
  private final ConfigFile file;
  private final ApplianceConfig config;
  private final LongSupplier clock = System::currentTimeMillis;
  private final Closing closing = new Closing();
  private final AnswerCounters answers = new AnswerCounters();

  private Kernel kernel;
  private ServerIdentity identity;
  private Recovery.Recovered recovered;
  private JournalKeeper keeper;
  private LedgerView ledger;
  private ClaimPipeline pipeline;
  private ClaimGate gate;
  private ReplyRouter router;
  private Settlement settlement;
  private GrantFeed feed;
  private ProofFeed proofs;
  private ChainAccess chain;
  private Vertx vertx;
  private StreamServer stream;
  private HttpApi http;
  private TransparencyLog log;

  private VtsServer(ConfigFile file) {
    this.file = file;
    this.config = file.config();
  }

  /**
   * Starts everything and returns once claims are accepted; whether they would be granted is what
   * readiness says.
   *
   * @param halt ends the process when a stage or the journal fails
   * @throws IOException when a key file cannot be used
   * @throws RuntimeException when a part cannot start; what had started is closed again
   */
  public static VtsServer start(ConfigFile file, HaltPort halt) throws IOException {
    return start(file, halt, null);
  }

  /**
   * The same.
   *
   * @param override lets a journal pass that is behind its anchor or its snapshots; null: none
   */
  public static VtsServer start(ConfigFile file, HaltPort halt, OperatorOverride override)
      throws IOException {
    VtsServer server = new VtsServer(file);
    try {
      server.open(halt, override);
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void open(HaltPort halt, OperatorOverride override) throws IOException {
    ProcessHardening.forbidCoreDumps();
    kernel = Kernels.select(config.crypto().kernel());
    LOG.info("kernel {}: {}", kernel.name(), kernel.reason());
    SecretKey vtsKey = closing.add(SecretKey.fromFile(file.resolve(config.keys().vts())));
    FeeWallets feeWallet = closing.add(FeeWallets.open(file));
    Network network = Network.ofId(config.chain().network());
    PublicKey publicKey = PublicKey.of(vtsKey.publicKey());
    identity =
        new ServerIdentity(
            network, publicKey, config.policy().minConfirmations(), config.policy().refundMargin());
    // Before the pipeline, and so closed after it: what is on the ring is answered to the end.
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(
                    Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_PER_LOOP)));
    closing.add(() -> await(vertx.close()));
    recover(network, publicKey, override);
    chain = closing.add(ChainAccess.open(file));
    startPipeline(vtsKey, halt);
    startSettlement(feeWallet.signer(), halt);
    startLog(halt);
    startInterfaces();
  }

  private void recover(Network network, PublicKey publicKey, OperatorOverride override) {
    StateSettings settings = new StateSettings(file, network, publicKey);
    long start = System.nanoTime();
    recovered =
        Recovery.run(
            settings.journal(),
            settings.ledger(),
            settings.archive(),
            override == null ? settings.anchored() : settings.anchoredIfReadable(),
            override,
            ReplayHashes.of(kernel),
            clock.getAsLong());
    keeper = closing.add(settings.keeper(recovered, clock));
    closing.add(recovered.journal());
    closing.add(recovered.guard());
    closing.add(recovered.ledger());
    ledger = recovered.ledger().view();
    recovered.report().forEach(line -> LOG.warn("{}", line));
    LOG.info(
        "recovered {} records behind snapshot {} in {} ms: {} escrows, {} grants to settle; {}",
        recovered.replayed(),
        recovered.snapshotPosition(),
        (System.nanoTime() - start) / 1_000_000,
        ledger.escrowCount(),
        recovered.unsettled().size(),
        recovered.journal().recovery());
    keeper.start();
  }

  private void startPipeline(SecretKey vtsKey, HaltPort halt) {
    StagePlan plan = ThreadPlanning.plan(config.threads());
    LOG.info("threads:\n{}", plan.explain().stripTrailing());
    router = new ReplyRouter(config.stream().maxConnections() + HTTP_CONNECTIONS, answers);
    feed =
        new GrantFeed(
            file.resolve(config.journal().directory()),
            recovered.journal()::durablePosition,
            kernel.newSigner(vtsKey),
            grant -> settlement.submit(grant),
            recovered.unsettled());
    closing.add(feed);
    proofs =
        new ProofFeed(
            router,
            file.journalPlaces(),
            recovered.journal()::durablePosition,
            vtsKey,
            ledger,
            proof -> settlement.submit(proof),
            recovered.unburned());
    pipeline =
        ClaimPipeline.builder()
            .config(PipelineSizes.of(kernel, plan, config))
            .ledger(recovered.ledger())
            .journal(new JournalAdapter(recovered.journal(), recovered.guard()))
            .digests(KernelDigests.of(kernel))
            .verifiers(
                k -> {
                  BatchVerifier verifier = closing.add(kernel.newVerifier());
                  return verifier::verify;
                })
            .signers(
                k -> {
                  BatchSigner signer = closing.add(kernel.newSigner(vtsKey));
                  return signer::sign;
                })
            .replyPort(proofs)
            .grantPort(feed)
            .haltPort(halt)
            .placements(ThreadPlanning.placements(plan))
            .build();
    closing.add(pipeline);
    pipeline.start();
    gate = ClaimGate.shut(pipeline.claims());
  }

  private void startSettlement(FeeSigner feeSigner, HaltPort halt) {
    settlement =
        new Settlement(
            chain.chain(),
            new Commands(pipeline.commands(), clock),
            feeSigner,
            SettlementPolicies.of(config.settlement()),
            FollowerConfig.DEFAULT.accepting(
                config.chain().acceptFork().isEmpty()
                    ? Optional.empty()
                    : Optional.of(Bytes32.fromReversedHex(config.chain().acceptFork()))),
            recovered.settlement(),
            recovered.penalty(),
            clock);
    closing.add(
        SettlementThread.start(
            settlement,
            this::feedSettlement,
            this::updateGate,
            recovered.recentBlocks(),
            recovered.outputs(),
            halt));
  }

  private int feedSettlement() {
    int work = feed.doWork() + proofs.doWork();
    settlement.handedThrough(feed.handedThrough());
    return work;
  }

  private void updateGate() {
    boolean believable = settlement.status().chainCode().tipBelievable();
    gate.update(settlement.synced(), !believable || ledger.isChainStale(clock.getAsLong()));
  }

  private void startLog(HaltPort halt) throws IOException {
    String origin =
        LogKey.origin(config.log().origin(), identity.network().id(), identity.vtsKey().toHex());
    Commands commands = new Commands(pipeline.commands(), clock);
    log =
        closing.add(
            TransparencyLog.start(
                config.log(),
                file.resolve(config.log().directory()),
                file.resolve(config.keys().log()),
                origin,
                recovered.checkpoint(),
                file.journalPlaces(),
                recovered.journal()::durablePosition,
                commands::log,
                halt,
                clock));
    LOG.info("transparency log {}", log.key());
  }

  private void startInterfaces() {
    ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    closing.add(blocking::shutdownNow);
    EscrowService escrows =
        new EscrowService(
            ledger, settlement::register, new Commands(pipeline.commands(), clock), blocking);
    Metrics metrics = closing.add(new Metrics());
    metrics.answers(answers);
    metrics.pipeline(pipeline.counters());
    metrics.ledger(ledger, recovered.ledger().memoryBytes());
    metrics.journal(recovered.journal());
    metrics.log(log);
    metrics.keeper(keeper);
    metrics.settlement(settlement::status);
    metrics.readiness(this::readiness);
    StreamServices streamServices =
        new StreamServices(identity, gate, router, escrows, answers, clock);
    stream =
        listening(
            "stream",
            config.stream().listen(),
            StreamServer.start(vertx, streamServices, config.stream(), file::resolve));
    HttpServices services =
        new HttpServices(
            identity,
            gate,
            router,
            escrows,
            this::findClaim,
            this::findEvidence,
            this::keepBooks,
            new PsbtServices(settlement::exportPsbt, settlement::importPsbt),
            answers,
            this::readiness,
            this::status,
            metrics::scrape,
            log,
            control(),
            chain.dev(),
            blocking,
            clock);
    http =
        listening(
            "http",
            config.http().listen(),
            HttpApi.start(vertx, services, config.http(), file::resolve));
    warnWhenOpen("stream", config.stream().listen().isLoopback(), config.stream().tls() != null);
    warnWhenOpen("http", config.http().listen().isLoopback(), config.http().tls() != null);
    LOG.info(
        "vts {} on {}: http {}:{}, claim stream {}:{}",
        identity.vtsKey(),
        identity.network().id(),
        config.http().listen().host(),
        http.port(),
        config.stream().listen().host(),
        stream.port());
  }

  private SettlementControl control() {
    return new SettlementControl() {
      @Override
      public CompletableFuture<SettlementPlan> plan() {
        return settlement.plan();
      }

      @Override
      public void run() {
        settlement.flush();
      }

      @Override
      public CompletableFuture<OperatorSettings> change(UnaryOperator<OperatorSettings> change) {
        return settlement.change(change);
      }
    };
  }

  private static void warnWhenOpen(String what, boolean loopback, boolean tls) {
    if (!loopback && !tls) {
      LOG.warn(
          "{} listens beyond this machine without TLS; set {}.tls or put TLS before it",
          what,
          what);
    }
  }

  private static <T> T listening(String section, Endpoint listen, Future<T> starting) {
    try {
      return await(starting);
    } catch (CompletionException e) {
      throw new ListenException(section, listen, e.getCause());
    }
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  /** Where the HTTP interface listens. */
  public InetSocketAddress httpAddress() {
    return InetSocketAddress.createUnresolved(config.http().listen().host(), http.port());
  }

  /** Where the claim stream listens. */
  public InetSocketAddress streamAddress() {
    return InetSocketAddress.createUnresolved(config.stream().listen().host(), stream.port());
  }

  private Optional<ClaimLookup.Decided> findClaim(Bytes32 claimId) {
    Optional<EscrowInfo> escrow = ledger.lookupClaim(claimId);
    return escrow
        .filter(info -> info.grantPosition() <= recovered.journal().durablePosition())
        .map(
            info ->
                new ClaimLookup.Decided(
                    claimId, AnswerCode.GRANTED, info.grantPosition(), info.terms().digest()));
  }

  /** One at a time: it reads the whole journal and many blocks. */
  private synchronized Books keepBooks() {
    return JournalBooks.read(file.journalPlaces(), chain.chain(), height -> {});
  }

  /** Without the counter-signature of the grant: that is the merchant's, who has the receipt. */
  private Optional<DoubleSpendEvidence> findEvidence(Bytes32 termsDigest) {
    EscrowInfo info = ledger.lookup(termsDigest).orElse(null);
    if (info == null || info.doubleSpendPosition() == 0) {
      return Optional.empty();
    }
    return EvidenceReader.at(file.journalPlaces(), info, recovered.journal().durablePosition());
  }

  /** Whether a good claim would be granted now. */
  public Readiness readiness() {
    Map<String, String> reasons = new LinkedHashMap<>();
    Settlement.Status chainStatus = settlement.status();
    if (pipeline.isHalted()) {
      reasons.put(ReadinessCode.PIPELINE_HALTED.name(), "the pipeline has halted");
    }
    if (!settlement.synced()) {
      reasons.put(chainStatus.chainCode().name(), "chain: " + chainStatus.chainCondition());
    }
    if (!gate.isOpen()) {
      reasons.put(
          ReadinessCode.CATCHING_UP.name(), "claims wait until the chain is caught up with");
    }
    if (!ledger.tip().isKnown() || ledger.isChainStale(clock.getAsLong())) {
      reasons.put(ReadinessCode.TIP_STALE.name(), "the ledger's view of the chain is stale");
    }
    if (pipeline.counters().diskReserveReached()) {
      reasons.put(ReadinessCode.DISK_RESERVE.name(), "free disk space is below the reserve");
    }
    return Readiness.of(reasons);
  }

  /** The server at a glance. */
  public ServerStatus status() {
    TipInfo tip = ledger.tip();
    long now = clock.getAsLong();
    return new ServerStatus(
        Build.version(),
        identity.network().id(),
        identity.vtsKey().toHex(),
        kernel.name() + " (" + kernel.reason() + ")",
        (now - startMillis) / 1000,
        readiness(),
        new ServerStatus.ChainPart(
            tip.height(),
            tip.hash().toReversedHex(),
            tip.isKnown() ? (now - tip.seenMillis()) / 1000 : -1),
        new ServerStatus.LedgerPart(
            ledger.escrowCount(),
            ledger.policy().escrowCapacity(),
            recovered.ledger().memoryBytes()),
        new ServerStatus.JournalPart(
            recovered.journal().durablePosition(), recovered.journal().belowReserve()),
        answers.snapshot(),
        latency(),
        log.status(),
        settlement.status());
  }

  private synchronized Map<String, Double> latency() {
    Histogram interval = router.intervalLatency();
    Map<String, Double> micros = new LinkedHashMap<>();
    if (interval.getTotalCount() > 0) {
      for (double percentile : new double[] {50, 90, 99, 99.9}) {
        micros.put("p" + percentile, interval.getValueAtPercentile(percentile) / 1e3);
      }
    }
    return micros;
  }

  /** Answers what was accepted, then stops everything; safe to call twice. */
  @Override
  public void close() {
    closing.close();
  }
}
