package org.micropay.vts.appliance.server;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalOpening;
import org.micropay.vts.journal.JournalPoint;
import org.micropay.vts.journal.JournalStart;
import org.micropay.vts.journal.SnapshotFile;
import org.micropay.vts.journal.SnapshotStore;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.BlockRef;
import org.micropay.vts.settlement.PenaltyState;
import org.micropay.vts.settlement.SettlementState;
import org.micropay.vts.settlement.WatchedOutput;
import org.micropay.vts.transparency.CheckpointRecord;

/**
 * Brings the state back: the newest snapshot that is whole, and every record behind it. A damaged
 * snapshot is left aside, in the end for the journal from its first record, and reported. Runs
 * once, before any thread of the server starts.
 */
public final class Recovery {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final JournalConfig config;
  private final LedgerPolicy configured;
  private final Path archive;
  private final ReplayHashes hashes;
  private final List<String> report = new ArrayList<>();

  private Recovery(
      JournalConfig config, LedgerPolicy configured, Path archive, ReplayHashes hashes) {
    this.config = config;
    this.configured = configured;
    this.archive = archive;
    this.hashes = hashes;
  }

  /**
   * What came back.
   *
   * @param journal open for appending, everything in it durable
   * @param ledger at the journal's last record, under the configured policy
   * @param guard knows every grant that is not buried
   * @param settlement batches as far as they had come
   * @param penalty burns of deposits as far as they had come
   * @param unsettled positions of grants whose settlement is not final, rising
   * @param unburned canonical second claims of double-spend proofs without a burn, by position
   * @param recentBlocks the last blocks that the ledger knows, oldest first, ending with its tip
   * @param outputs what the ledger follows on the chain
   * @param checkpoint the newest that the log has signed
   * @param snapshotPosition of the snapshot that was used; 0 for none
   * @param replayed records that were read behind it
   * @param report what was left aside and why, one line each
   */
  public record Recovered(
      ChronicleJournal journal,
      Ledger ledger,
      GrantGuard guard,
      SettlementState settlement,
      PenaltyState penalty,
      LongArrayList unsettled,
      Map<Long, byte[]> unburned,
      List<BlockRef> recentBlocks,
      Collection<WatchedOutput> outputs,
      Optional<CheckpointRecord> checkpoint,
      long snapshotPosition,
      long replayed,
      List<String> report)
      implements AutoCloseable {
    /** Closes journal, guard and ledger: for who does not go on with them one by one. */
    @Override
    public void close() {
      journal.close();
      guard.close();
      ledger.close();
    }
  }

  /**
   * Opens and replays.
   *
   * @param configured the policy of the configuration; its hash keys are ignored when the journal
   *     already has some, and a difference in the rest becomes a new CONFIG record
   * @param archive where older files of the journal were moved to; may be null
   * @param override what the operator lets pass, or null
   * @param hashes for the hash chain and the ledger's keys
   */
  public static Recovered run(
      JournalConfig config,
      LedgerPolicy configured,
      Path archive,
      JournalPoint anchor,
      OperatorOverride override,
      ReplayHashes hashes,
      long nowMillis) {
    return new Recovery(config, configured, archive, hashes).run(anchor, override, nowMillis);
  }

  /** The same without archive, anchor and override. */
  public static Recovered run(
      JournalConfig config, LedgerPolicy configured, ReplayHashes hashes, long nowMillis) {
    return run(config, configured, null, null, null, hashes, nowMillis);
  }

  private Recovered run(JournalPoint anchor, OperatorOverride override, long nowMillis) {
    ServerState.StateSizes sizes =
        new ServerState.StateSizes(configured.escrowCapacity(), configured.depositCapacity());
    ServerState state = null;
    JournalStart start = null;
    if (override == null) {
      for (Path path : new SnapshotStore(config.directory()).newestFirst()) {
        state = load(path, sizes);
        if (state != null) {
          start = SnapshotFile.open(path).head().start();
          break;
        }
      }
    } else {
      report.add("snapshots and anchor are not looked at: " + override.reason());
    }
    if (state == null) {
      state = ServerState.empty(sizes, hashes);
    }
    long from = state.position();
    try (ReplayRelay relay = ReplayRelay.start(state::guard, state::fold)) {
      ChronicleJournal journal =
          ChronicleJournal.open(
              config,
              new JournalOpening(
                  start, override == null ? anchor : null, archive, relay, hashes.chain()));
      return recovered(state, journal, from, anchor, override, nowMillis);
    } catch (RuntimeException e) {
      state.close();
      throw e;
    }
  }

  private ServerState load(Path path, ServerState.StateSizes sizes) {
    try {
      SnapshotFile snapshot = SnapshotFile.open(path);
      if (!java.util.Arrays.equals(snapshot.head().identity(), config.identity())) {
        report.add(path + " belongs to another journal; left aside");
        return null;
      }
      return ServerState.load(snapshot, sizes, hashes);
    } catch (JournalException | IllegalArgumentException | IllegalStateException e) {
      report.add("snapshot left aside: " + e.getMessage());
      return null;
    }
  }

  private Recovered recovered(
      ServerState state,
      ChronicleJournal journal,
      long from,
      JournalPoint anchor,
      OperatorOverride override,
      long nowMillis) {
    long end = journal.durablePosition();
    Ledger ledger = null;
    // By the ledger's view of deposits, which goes with the ledger.
    Map<Long, byte[]> unburned = state.penalty().unburned();
    GrantGuard guard = state.guard().take();
    try {
      LedgerPolicy policy = policyFor(state.ledger().ledger());
      boolean changed =
          state.ledger().ledger() == null || !policy.equals(state.ledger().ledger().policy());
      ledger = state.ledger().take(policy);
      if (changed) {
        configure(journal, ledger, guard, policy, nowMillis);
      }
      if (override != null) {
        override.journal(new SnapshotStore(config.directory()), journal, ledger, anchor, nowMillis);
      }
      return new Recovered(
          journal,
          ledger,
          guard,
          state.settlement().state(),
          state.penalty().state(),
          state.settlement().unsettled(),
          unburned,
          state.blocks().blocks(),
          FollowedOutputs.of(ledger),
          state.log().checkpoint(),
          from,
          end - from,
          List.copyOf(report));
    } catch (RuntimeException e) {
      guard.close();
      if (ledger != null) {
        ledger.close();
      }
      journal.close();
      throw e;
    }
  }

  /** The configured policy under the keys that the ledger has, or under new ones. */
  private LedgerPolicy policyFor(Ledger ledger) {
    return ledger == null
        ? withHashKeys(configured, RANDOM.nextLong(), RANDOM.nextLong())
        : withHashKeys(configured, ledger.policy().hashKey0(), ledger.policy().hashKey1());
  }

  /** Journals the configured policy where the ledger has none or another one in force. */
  private static void configure(
      ChronicleJournal journal,
      Ledger ledger,
      GrantGuard guard,
      LedgerPolicy policy,
      long nowMillis) {
    long position = journal.nextPosition();
    long time = Math.max(nowMillis, ledger.clockMillis());
    ledger.configure(position, time, policy);
    UnsafeBuffer payload = new UnsafeBuffer(policy.encode());
    guard.onRecord(position, RecordType.CONFIG.number(), payload, 0, payload.capacity());
    journal.append(position, RecordType.CONFIG.number(), time, payload, 0, payload.capacity());
    journal.sync();
  }

  /** Keys for the ledger's hash tables, so that nobody can choose outpoints that collide. */
  private static LedgerPolicy withHashKeys(LedgerPolicy policy, long key0, long key1) {
    return new LedgerPolicy(
        policy.network(),
        policy.vtsKey(),
        policy.escrowCapacity(),
        policy.depositCapacity(),
        policy.minConfirmations(),
        policy.refundMargin(),
        policy.chainStaleMillis(),
        policy.retireDepth(),
        policy.digestInterval(),
        key0,
        key1);
  }
}
