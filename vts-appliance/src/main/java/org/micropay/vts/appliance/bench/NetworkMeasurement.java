package org.micropay.vts.appliance.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.micropay.vts.affinity.StagePlan;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.config.Endpoint;
import org.micropay.vts.appliance.server.AnswerCounters;
import org.micropay.vts.appliance.server.ClaimGate;
import org.micropay.vts.appliance.server.EscrowStatus;
import org.micropay.vts.appliance.server.Escrows;
import org.micropay.vts.appliance.server.RegisterAnswer;
import org.micropay.vts.appliance.server.ReplyRouter;
import org.micropay.vts.appliance.server.ServerIdentity;
import org.micropay.vts.appliance.server.ThreadPlanning;
import org.micropay.vts.appliance.stream.StreamServer;
import org.micropay.vts.appliance.stream.StreamServices;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;

/**
 * {@code vts bench --network}: the whole server side over loopback through the claim stream, the
 * load generator in the same process on the same CPUs, in turns with the kernels on one core.
 */
final class NetworkMeasurement {
  private static final int WINDOW = 4096;
  private static final int CONNECTIONS = 8;

  private final Kernel kernel;
  private final Sizing sizing;
  private final ApplianceConfig.Threads threads;

  NetworkMeasurement(Kernel kernel, Sizing sizing, ApplianceConfig.Threads threads) {
    this.kernel = kernel;
    this.sizing = sizing;
    this.threads = threads;
  }

  WholeResult run(BenchProgress progress) {
    StagePlan plan = ThreadPlanning.plan(threads);
    List<Integer> one = List.of(plan.topology().usable().getFirst());
    AnswerCounters answers = new AnswerCounters();
    ReplyRouter router = new ReplyRouter(CONNECTIONS, answers);
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try (SecretKey key = SecretKey.generate()) {
      PublicKey vtsKey = PublicKey.of(key.publicKey());
      progress.step("signing " + sizing.claims() + " claims");
      SignedClaims claims = SignedClaims.generate(kernel, vtsKey, sizing.claims());
      progress.step("registering their escrows");
      try (BenchServer server =
          BenchServer.start(kernel, key, plan, threads.ringSize(), claims, router)) {
        StreamServices services =
            new StreamServices(
                new ServerIdentity(Network.REGTEST, vtsKey, 1, 1),
                ClaimGate.open(server.pipeline().claims()),
                router,
                new NoEscrows(),
                answers,
                server::timeMillis);
        StreamServer stream =
            StreamServer.start(
                    vertx,
                    services,
                    new ApplianceConfig.Stream(
                        new Endpoint("127.0.0.1", 0), 2 * WINDOW, CONNECTIONS, null),
                    path -> path)
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        try (StreamLoad load =
            StreamLoad.connect(new InetSocketAddress("127.0.0.1", stream.port()), claims, WINDOW)) {
          return measure(
              progress, load, new KernelsAlone(kernel, key, claims, Sizing.BATCH), plan, one);
        } finally {
          stream.close();
        }
      }
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private WholeResult measure(
      BenchProgress progress,
      StreamLoad load,
      KernelsAlone alone,
      StagePlan plan,
      List<Integer> oneCpu) {
    int next = 0;
    for (int turn = 0; turn < Sizing.WARMUPS; turn++) {
      progress.step("warming up, turn " + (turn + 1) + " of " + Sizing.WARMUPS);
      alone.run(oneCpu, sizing.warmup() / 2);
      load.run(next, next + sizing.warmup());
      next += sizing.warmup();
    }
    load.latency().reset();
    double seconds = 0;
    double kernels = 0;
    double kernelCpu = 0;
    CpuTime cpu = new CpuTime();
    for (int round = 0; round < sizing.rounds(); round++) {
      progress.step("round " + (round + 1) + " of " + sizing.rounds());
      KernelsAlone.Rate rate = alone.run(oneCpu, sizing.perRound() / 2);
      kernels += rate.claimsPerSecond();
      kernelCpu += rate.cpuMicrosPerClaim();
      cpu.start();
      seconds += load.run(next, next + sizing.perRound());
      cpu.stop();
      next += sizing.perRound();
    }
    long measured = (long) sizing.rounds() * sizing.perRound();
    return new WholeResult(
        "network",
        kernel.name(),
        plan.topology().usable().size(),
        1,
        measured,
        measured / seconds,
        kernels / sizing.rounds(),
        cpu,
        kernelCpu / sizing.rounds(),
        load.latency(),
        sizing.rounds());
  }

  /** The measurement registers its escrows directly; nobody asks about them. */
  private static final class NoEscrows implements Escrows {
    @Override
    public EscrowStatus status(Bytes32 termsDigest) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<RegisterAnswer> register(byte[] registration, String client) {
      return CompletableFuture.completedFuture(
          new RegisterAnswer(AnswerCode.UNSUPPORTED_MESSAGE, Bytes32.ZERO, 0, 0, ""));
    }
  }
}
