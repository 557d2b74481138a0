package org.micropay.vts.simulation;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.journal.Storage;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.pipeline.CounterSigner;
import org.micropay.vts.pipeline.MiswiredPipeline;
import org.micropay.vts.pipeline.ReplyPort;
import org.micropay.vts.settlement.LedgerCommands;
import org.micropay.vts.settlement.SettlementState;

/**
 * Servers with one bug each, put in the place of a part. Every one must be noticed, by a checker
 * that is meant to notice it, within a bounded number of histories; a simulator that lets one
 * through proves nothing about the server without it.
 */
class CanaryTest {
  private static final int SEEDS = 40;
  private static final int CLAIMS = 200;
  private static final int IMAGES = 400;

  @TempDir Path folder;

  /**
   * A bug, and who may notice it.
   *
   * @param seed of the first history to try: the smallest that is known to meet the bug
   */
  private record Canary(String name, long seed, Set<String> checkers, Parts parts) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Those that a history seldom meets and a journal under power losses soon. */
  private static Stream<Canary> journalCanaries() {
    Set<String> checkers = Set.of("ReplyImpliesDurable", "RecoveryWorks");
    return Stream.of(
        new Canary("no sync of the file before a roll", 1, checkers, new SkipsOlderFiles()),
        new Canary("a sync that does nothing", 1, checkers, storageWhichIgnores("force")),
        new Canary("directories never synced", 1, checkers, new SkipsDirectories()));
  }

  @ParameterizedTest
  @MethodSource("journalCanaries")
  void shouldNoticeInAnImage(Canary canary) {
    Torture.Options options = new Torture.Options(1, 0, IMAGES, 0, 0, SweepRange.NONE);
    try (Torture torture = new Torture(options, canary.parts, folder, TortureTest.silent())) {
      TortureReport report = torture.run();
      System.out.printf("canary: %s: %s%n", canary.name, report.findings());
      assertFalse(report.clean(), "nobody noticed in " + IMAGES + " images");
      String checker = report.findings().getFirst().checker();
      assertTrue(canary.checkers.contains(checker), () -> checker + ", not " + canary.checkers);
    }
  }

  private static Stream<Canary> canaries() {
    return Stream.of(
        new Canary(
            "the reply gate removed",
            1,
            Set.of("ReplyImpliesDurable"),
            miswired(MiswiredPipeline.Fault.REPLY_BEFORE_JOURNAL)),
        new Canary(
            "a reply before the signature",
            1,
            Set.of("ReceiptIsSigned", "SameClaimSameReceipt"),
            miswired(MiswiredPipeline.Fault.REPLY_BEFORE_SIGN)),
        new Canary(
            "double-spends looked for by terms alone",
            1,
            Set.of("NoDoubleGrant", "ReplyImpliesDurable", "SameClaimSameReceipt"),
            miswired(MiswiredPipeline.Fault.DECIDES_BY_TERMS)),
        new Canary(
            "a grant forgotten in recovery",
            1,
            Set.of("ReplayGivesTheSameDigest", "NoDoubleGrant", "LedgerMismatchException"),
            new ForgetfulRecovery()),
        new Canary(
            "a sync that does nothing",
            1,
            Set.of("ReplyImpliesDurable", "RecoveryWorks"),
            storageWhichIgnores("force")),
        new Canary(
            "no second store after a failed sync",
            1,
            Set.of("ReplyImpliesDurable", "RecoveryWorks"),
            storageWhichIgnores("rewrite")),
        new Canary(
            "directories never synced",
            1,
            Set.of("ReplyImpliesDurable", "RecoveryWorks", "JournalException"),
            new SkipsDirectories()),
        new Canary(
            "a torn tail taken for whole",
            24,
            Set.of("RecoveryWorks", "LedgerMismatchException", "ReplyImpliesDurable"),
            new AcceptsTornTail()),
        new Canary(
            "signatures that change with a restart",
            1,
            Set.of("ReceiptIsSigned", "SameClaimSameReceipt"),
            new ChangingSigner()),
        new Canary(
            "an answer that never leaves", 1, Set.of("EveryClaimAnswered"), new SwallowsAnswers()),
        new Canary(
            "an answer that leaves twice", 1, Set.of("EveryClaimAnswered"), new AnswersTwice()),
        new Canary(
            "a reorganization that is not undone",
            8,
            Set.of("LedgerFollowsChain"),
            new NeverUndoes()),
        new Canary(
            "a digest that leaves a field out",
            1,
            Set.of("ReplayGivesTheSameDigest"),
            new NarrowDigest()),
        new Canary(
            "settlement that forgets its books in a restart",
            SimulationOptions.REAL_EVERY,
            Set.of("SatoshiConserved", "IllegalStateException", "NoUnexpectedHalt"),
            new ForgetsBooks()));
  }

  @ParameterizedTest
  @MethodSource("canaries")
  void shouldNotice(Canary canary) {
    boolean real = canary.seed % SimulationOptions.REAL_EVERY == 0;
    for (int i = 0; i < SEEDS; i++) {
      long seed = canary.seed + i * (real ? SimulationOptions.REAL_EVERY : 1L);
      SimulationOptions options =
          new SimulationOptions(seed, CLAIMS, real, SimulationOptions.STORM);
      try (Simulation simulation = new Simulation(options, canary.parts)) {
        simulation.run();
      } catch (SimulationFailure failure) {
        System.out.printf("canary: %s: %s%n", canary.name, failure.getMessage());
        assertTrue(
            canary.checkers.contains(failure.checker()),
            () -> failure.checker() + " noticed, not one of " + canary.checkers + ": " + failure);
        return;
      }
    }
    throw new AssertionError("nobody noticed in " + SEEDS + " histories: " + canary.name);
  }

  static Parts miswired(MiswiredPipeline.Fault fault) {
    return new Parts() {
      @Override
      public SteppedPipeline pipeline(SteppedPipeline.Ports ports) {
        return new MiswiredPipeline(ports, fault);
      }
    };
  }

  /** Every second grant comes back as a record that the ledger only counts. */
  private static final class ForgetfulRecovery implements Parts {
    @Override
    public FrameHandler replay(FrameHandler fold) {
      return (position, type, timeMillis, payload, offset, length) -> {
        boolean forget = type == RecordType.GRANT.number() && position % 2 == 0;
        fold.onFrame(
            position,
            forget ? RecordType.CHECKPOINT.number() : type,
            timeMillis,
            payload,
            offset,
            length);
      };
    }
  }

  /** A storage whose barriers do nothing when this method is called. */
  static Parts storageWhichIgnores(String deaf) {
    return new Parts() {
      @Override
      public Storage storage(Storage disk) {
        return new Relay(disk) {
          @Override
          public Barrier open(Path file) throws IOException {
            Barrier barrier = disk.open(file);
            return (Barrier)
                Proxy.newProxyInstance(
                    Barrier.class.getClassLoader(),
                    new Class<?>[] {Barrier.class},
                    (proxy, method, arguments) ->
                        method.getName().equals(deaf)
                            ? null
                            : invoke(() -> method.invoke(barrier, arguments)));
          }
        };
      }
    };
  }

  private interface Call {
    Object call() throws ReflectiveOperationException;
  }

  private static Object invoke(Call call) throws Throwable {
    try {
      return call.call();
    } catch (java.lang.reflect.InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Passes everything on. */
  private static class Relay implements Storage {
    private final Storage disk;

    Relay(Storage disk) {
      this.disk = disk;
    }

    @Override
    public Barrier open(Path file) throws IOException {
      return disk.open(file);
    }

    @Override
    public void allocate(Path file, long offset, long length) throws IOException {
      disk.allocate(file, offset, length);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
      disk.forceDirectory(directory);
    }

    @Override
    public long usableBytes(File directory) {
      return disk.usableBytes(directory);
    }
  }

  private static final class SkipsDirectories implements Parts {
    @Override
    public Storage storage(Storage disk) {
      return new Relay(disk) {
        @Override
        public void forceDirectory(Path directory) {
          // Forgotten.
        }
      };
    }
  }

  /** Only the newest file of an epoch is ever forced. */
  private static final class SkipsOlderFiles implements Parts {
    @Override
    public Storage storage(Storage disk) {
      Path[] newest = new Path[1];
      return new Relay(disk) {
        @Override
        public Barrier open(Path file) throws IOException {
          Barrier barrier = super.open(file);
          newest[0] = file;
          return (Barrier)
              Proxy.newProxyInstance(
                  Barrier.class.getClassLoader(),
                  new Class<?>[] {Barrier.class},
                  (proxy, method, arguments) ->
                      method.getName().equals("force") && !file.equals(newest[0])
                          ? null
                          : invoke(() -> method.invoke(barrier, arguments)));
        }
      };
    }
  }

  /** Makes a torn last frame whole, as a reader does that does not look at its checksums. */
  private static final class AcceptsTornTail implements Parts {
    @Override
    public void beforeOpen(Path journal) {
      TornTail.mend(journal);
    }
  }

  private static final class ChangingSigner implements Parts {
    @Override
    public CounterSigner signer(CounterSigner signer, int start) {
      return (digests, signatures, verdicts, count) -> {
        signer.sign(digests, signatures, verdicts, count);
        for (int i = 0; i < count; i++) {
          long last = i * 64L + 63;
          byte old = signatures.get(java.lang.foreign.ValueLayout.JAVA_BYTE, last);
          signatures.set(
              java.lang.foreign.ValueLayout.JAVA_BYTE, last, (byte) (start == 1 ? old : ~old));
        }
      };
    }
  }

  private static final class SwallowsAnswers implements Parts {
    @Override
    public ReplyPort replies(ReplyPort replies) {
      return new ReplyPort() {
        @Override
        public void onReply(ClaimSlot slot) {
          if (slot.claimId()[0] % 16 != 3) {
            replies.onReply(slot);
          }
        }

        @Override
        public void endOfBatch() {
          replies.endOfBatch();
        }
      };
    }
  }

  private static final class AnswersTwice implements Parts {
    @Override
    public ReplyPort replies(ReplyPort replies) {
      return new ReplyPort() {
        @Override
        public void onReply(ClaimSlot slot) {
          replies.onReply(slot);
          if (slot.claimId()[0] % 16 == 3) {
            replies.onReply(slot);
          }
        }

        @Override
        public void endOfBatch() {
          replies.endOfBatch();
        }
      };
    }
  }

  /** Fundings that a reorganization takes away stay where they were. */
  private static final class NeverUndoes implements Parts {
    @Override
    public LedgerCommands commands(LedgerCommands commands) {
      return (LedgerCommands)
          Proxy.newProxyInstance(
              LedgerCommands.class.getClassLoader(),
              new Class<?>[] {LedgerCommands.class},
              (proxy, method, arguments) ->
                  Set.of("escrowUnfunded", "escrowUnspent").contains(method.getName())
                      ? CompletableFuture.completedFuture(new LedgerCommands.Result(0, 0))
                      : invoke(() -> method.invoke(commands, arguments)));
    }
  }

  /** Recovery loses proofs of double-spends, and the digest does not cover them. */
  private static final class NarrowDigest implements Parts {
    @Override
    public FrameHandler replay(FrameHandler fold) {
      return (position, type, timeMillis, payload, offset, length) -> {
        boolean lose =
            type == RecordType.DOUBLE_SPEND.number() || type == RecordType.STATE_DIGEST.number();
        fold.onFrame(
            position,
            lose ? RecordType.CHECKPOINT.number() : type,
            timeMillis,
            payload,
            offset,
            length);
      };
    }

    @Override
    public String digest(Ledger ledger) {
      return Long.toString(ledger.lastPosition());
    }
  }

  private static final class ForgetsBooks implements Parts {
    @Override
    public SettlementState settlement(SettlementState replayed) {
      return new SettlementState();
    }
  }
}
