package org.micropay.vts.appliance.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.micropay.vts.affinity.LargeMemory;
import org.micropay.vts.affinity.StagePlan;
import org.micropay.vts.appliance.server.JournalAdapter;
import org.micropay.vts.appliance.server.KernelDigests;
import org.micropay.vts.appliance.server.PipelineSizes;
import org.micropay.vts.appliance.server.ReplayHashes;
import org.micropay.vts.appliance.server.Snapshotter;
import org.micropay.vts.appliance.server.ThreadPlanning;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.journal.JournalPoint;
import org.micropay.vts.journal.RollPeriod;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.pipeline.ClaimPipeline;
import org.micropay.vts.pipeline.PipelineBench;
import org.micropay.vts.pipeline.ReplyPort;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;

/**
 * The server's own pipeline with its durable journal, ready to be measured: the production stages,
 * thread plan and journal, without a chain behind it. Owns everything and removes its journal.
 */
final class BenchServer implements AutoCloseable {
  private static final long RESERVE_BYTES = 256L << 20;
  private static final int BLOCK_BYTES = 64 << 20;

  private final Path directory;
  private final ChronicleJournal journal;
  private final Ledger ledger;
  private final ClaimPipeline pipeline;
  private final long timeMillis = System.currentTimeMillis();

  private BenchServer(
      Path directory, ChronicleJournal journal, Ledger ledger, ClaimPipeline pipeline) {
    this.directory = directory;
    this.journal = journal;
    this.ledger = ledger;
    this.pipeline = pipeline;
  }

  /** Builds, starts and registers the claims' escrows. */
  static BenchServer start(
      Kernel kernel,
      SecretKey key,
      StagePlan plan,
      int ringSize,
      SignedClaims claims,
      ReplyPort replies) {
    try {
      Path directory =
          Files.createTempDirectory(
              Path.of(System.getProperty("vts.bench.dir", ".")), "vts-bench-");
      ChronicleJournal journal =
          ChronicleJournal.open(
              new JournalConfig(
                  directory.resolve("journal"),
                  new byte[32],
                  RollPeriod.HOURLY,
                  RESERVE_BYTES,
                  BLOCK_BYTES));
      LedgerPolicy policy =
          new LedgerPolicy(
              Network.REGTEST.magic(),
              PublicKey.of(key.publicKey()),
              claims.count() + 16,
              16,
              1,
              1,
              Long.MAX_VALUE / 4,
              100,
              10_000,
              0x0123456789ABCDEFL,
              0xFEDCBA9876543210L);
      Ledger ledger = Ledger.create(policy, 0, 0, LargeMemory::newArena);
      ClaimPipeline pipeline =
          ClaimPipeline.builder()
              .config(PipelineSizes.of(kernel, plan, ringSize))
              .ledger(ledger)
              .journal(JournalAdapter.guarded(journal, policy.escrowCapacity()))
              .digests(KernelDigests.of(kernel))
              .verifiers(k -> kernel.newVerifier()::verify)
              .signers(k -> kernel.newSigner(key)::sign)
              .replyPort(replies)
              .haltPort(BenchServer::halt)
              .placements(ThreadPlanning.placements(plan))
              .build();
      pipeline.start();
      BenchServer server = new BenchServer(directory, journal, ledger, pipeline);
      byte[] config = policy.encode();
      PipelineBench.submitAll(
          pipeline,
          server.timeMillis,
          java.util.List.of(
              new PipelineBench.Setup(org.micropay.vts.ledger.RecordType.CONFIG.number(), config)));
      PipelineBench.submitAll(pipeline, server.timeMillis, claims.setup());
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void halt(String stage, Throwable cause) {
    cause.printStackTrace();
    Runtime.getRuntime().halt(70);
  }

  ClaimPipeline pipeline() {
    return pipeline;
  }

  Ledger ledger() {
    return ledger;
  }

  /** The last durable record. */
  JournalPoint durablePoint() {
    return journal.durablePoint();
  }

  /** Of this journal; keeps one snapshot, which is removed with the journal. */
  Snapshotter snapshotter(Kernel kernel) {
    return new Snapshotter(
        directory.resolve("journal"),
        null,
        ledger.policy().escrowCapacity(),
        ledger.policy().depositCapacity(),
        1,
        ReplayHashes.of(kernel));
  }

  /** The time stamped on every claim of the measurement. */
  long timeMillis() {
    return timeMillis;
  }

  @Override
  public void close() {
    pipeline.close();
    ledger.close();
    journal.close();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(BenchServer::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
