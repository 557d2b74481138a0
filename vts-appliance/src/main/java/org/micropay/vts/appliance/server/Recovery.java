package org.micropay.vts.appliance.server;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.BlockRef;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.settlement.PenaltyState;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.settlement.SettlementState;
import org.micropay.vts.settlement.WatchedOutput;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.transparency.CheckpointRecord;

/**
 * Brings the state back: opens the journal and folds every record over the ledger and over
 * settlement's state. Runs once, before any thread of the server starts.
 */
final class Recovery implements FrameHandler {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int KEPT_BLOCKS = 288;
  private static final int FIRST_PRUNING = 1 << 16;

  private final LedgerPolicy configured;
  private final SettlementState settlement = new SettlementState();
  private final PenaltyState penalty = new PenaltyState();
  private final Map<Long, byte[]> grants = new TreeMap<>();
  private final Map<Long, byte[]> proofs = new TreeMap<>();
  private final Deque<BlockRef> blocks = new ArrayDeque<>();
  private int pruneAt = FIRST_PRUNING;
  private CheckpointRecord checkpoint;
  private Ledger ledger;

  private Recovery(LedgerPolicy configured) {
    this.configured = configured;
  }

  /**
   * What came back.
   *
   * @param journal open for appending, everything in it durable
   * @param ledger at the journal's last record, under the configured policy
   * @param settlement batches as far as they had come
   * @param penalty burns of deposits as far as they had come
   * @param unsettled canonical claims of grants whose settlement is not final, by position
   * @param unburned canonical second claims of double-spend proofs without a burn, by position
   * @param recentBlocks the last blocks that the ledger knows, oldest first, ending with its tip
   * @param outputs what the ledger follows on the chain
   * @param checkpoint the newest that the log has signed
   */
  record Recovered(
      ChronicleJournal journal,
      Ledger ledger,
      SettlementState settlement,
      PenaltyState penalty,
      Map<Long, byte[]> unsettled,
      Map<Long, byte[]> unburned,
      List<BlockRef> recentBlocks,
      List<WatchedOutput> outputs,
      Optional<CheckpointRecord> checkpoint) {}

  /**
   * Opens and replays.
   *
   * @param configured the policy of the configuration; its hash keys are ignored when the journal
   *     already has some, and a difference in the rest becomes a new CONFIG record
   */
  static Recovered run(JournalConfig config, LedgerPolicy configured, long nowMillis) {
    Recovery recovery = new Recovery(configured);
    ChronicleJournal journal = ChronicleJournal.open(config, 1, recovery);
    try {
      recovery.configure(journal, nowMillis);
      recovery.prune();
      return new Recovered(
          journal,
          recovery.ledger,
          recovery.settlement,
          recovery.penalty,
          recovery.grants,
          recovery.proofs,
          List.copyOf(recovery.blocks),
          recovery.outputs(),
          Optional.ofNullable(recovery.checkpoint));
    } catch (RuntimeException e) {
      journal.close();
      throw e;
    }
  }

  @Override
  public void onFrame(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    if (ledger == null) {
      ledger = create(type, payload, offset, length);
    }
    ledger.apply(position, type, timeMillis, payload, offset, length);
    RecordType known = RecordType.ofNumber(type);
    switch (known) {
      case GRANT -> {
        grants.put(
            position, bytes(payload, offset + GrantRecord.CLAIM, length - GrantRecord.CLAIM));
        if (grants.size() >= pruneAt) {
          prune();
          pruneAt = Math.max(FIRST_PRUNING, 2 * grants.size());
        }
      }
      case DOUBLE_SPEND ->
          proofs.put(
              position,
              bytes(payload, offset + DoubleSpendRecord.CLAIM, length - DoubleSpendRecord.CLAIM));
      case BLOCK_CONNECTED -> {
        blocks.addLast(block(payload, offset));
        if (blocks.size() > KEPT_BLOCKS) {
          blocks.removeFirst();
        }
      }
      case BLOCK_DISCONNECTED -> blocks.pollLast();
      case CHECKPOINT -> checkpoint = CheckpointRecord.decode(bytes(payload, offset, length));
      default -> {
        if (known.isSettlement()) {
          settlement.apply(SettlementRecord.decode(known, bytes(payload, offset, length)));
        } else if (known.isPenalty()) {
          penalty.apply(PenaltyRecord.decode(known, bytes(payload, offset, length)));
        }
      }
    }
  }

  private Ledger create(int type, DirectBuffer payload, int offset, int length) {
    if (type != RecordType.CONFIG.number()) {
      throw new IllegalStateException(
          "the journal begins with a record of type " + type + ", not CONFIG; it is not a VTS's");
    }
    return Ledger.create(
        LedgerPolicy.decode(payload, offset, length),
        configured.escrowCapacity(),
        configured.depositCapacity());
  }

  private static BlockRef block(DirectBuffer payload, int offset) {
    return new BlockRef(
        Bytes32.of(bytes(payload, offset + BlockRecord.HASH, Bytes32.LENGTH)),
        payload.getInt(offset + BlockRecord.HEIGHT, java.nio.ByteOrder.LITTLE_ENDIAN),
        Bytes32.of(bytes(payload, offset + BlockRecord.PARENT_HASH, Bytes32.LENGTH)),
        0);
  }

  private static byte[] bytes(DirectBuffer payload, int offset, int length) {
    byte[] copy = new byte[length];
    payload.getBytes(offset, copy);
    return copy;
  }

  private void prune() {
    grants.keySet().removeIf(position -> !settlement.needs(position));
    proofs.keySet().removeIf(position -> !penalty.needs(position));
  }

  private List<WatchedOutput> outputs() {
    List<WatchedOutput> outputs = new ArrayList<>();
    ledger.forEachOutput(
        (outpoint, fundedHeight, spentHeight) ->
            outputs.add(new WatchedOutput(Outpoint.decode(outpoint), fundedHeight, spentHeight)));
    return outputs;
  }

  /** Journals the configured policy where the ledger has none or another one in force. */
  private void configure(ChronicleJournal journal, long nowMillis) {
    LedgerPolicy policy;
    if (ledger == null) {
      policy = withHashKeys(configured, RANDOM.nextLong(), RANDOM.nextLong());
      ledger = Ledger.create(policy);
    } else {
      policy = withHashKeys(configured, ledger.policy().hashKey0(), ledger.policy().hashKey1());
      if (policy.equals(ledger.policy())) {
        return;
      }
    }
    long position = journal.nextPosition();
    long time = Math.max(nowMillis, ledger.clockMillis());
    ledger.configure(position, time, policy);
    byte[] payload = policy.encode();
    journal.append(
        position, RecordType.CONFIG.number(), time, new UnsafeBuffer(payload), 0, payload.length);
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
