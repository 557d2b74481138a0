package org.micropay.vts.audit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.journal.FrameRange;
import org.micropay.vts.journal.SnapshotFile;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.OutpointRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.settlement.SettlementState;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Sha256;

/**
 * Everything that needs the records in their order: decides every claim and command again with a
 * fresh ledger, and holds grants and payments to the books that know nothing of the ledger. One
 * thread at a time; records are read from the checker's copy, which is what was checked.
 *
 * <p>Where the first records are missing, it takes over a snapshot's state when the record of that
 * position comes by; of the records before it only the books take note.
 */
final class Fold implements AutoCloseable {
  private static final RecordType[] TYPES = RecordType.values();

  private final Optional<PublicKey> expectedKey;
  private final Bytes32 identity;
  private final FindingList findings;
  private final KnownPoints points;
  private final GrantBook grants = new GrantBook();
  private final PaymentBook payments = new PaymentBook(grants);
  private final PenaltyBook penalties = new PenaltyBook();
  private final Decisions decisions;
  private final LogBook log;
  private SettlementState settlement = new SettlementState();
  private final List<SnapshotFile> snapshots = new ArrayList<>();
  private final long[] counts = new long[TYPES.length];
  private final byte[] lastChain = new byte[FrameLayout.CHAIN_LENGTH];
  private final Objections objections = this::find;
  private SnapshotFile start;
  private SnapshotState startState;
  private String startDigest = "";
  private LedgerPolicy policy;
  private boolean paymentsStopped;
  private boolean settlementStopped;
  private long firstPosition;
  private long lastPosition;
  private long lastTime;
  private long comparedSnapshots;
  private FrameRange range;
  private RangeChecker checked;
  private UnsafeBuffer frame;
  private int index;

  Fold(
      Optional<PublicKey> expectedKey,
      List<TreeHead> published,
      KnownPoints points,
      Bytes32 identity,
      Kernel kernel,
      FindingList findings) {
    this.expectedKey = expectedKey;
    this.points = points;
    this.decisions = new Decisions(kernel);
    this.log = new LogBook(published, MessageHashes.of(kernel, RangeChecker.SPAN));
    this.identity = identity;
    this.findings = findings;
  }

  /**
   * Begins behind what the walk does not hold; before the first record.
   *
   * @param last position before the first record
   * @param chain hash that the first record continues
   */
  void begin(long last, byte[] chain) {
    firstPosition = last + 1;
    lastPosition = last;
    System.arraycopy(chain, 0, lastChain, 0, lastChain.length);
  }

  /** The first records are missing: a snapshot's state stands for them. */
  void beginWith(SnapshotFile snapshot, SnapshotState state) {
    start = snapshot;
    startState = state;
    startDigest =
        "%016x%016x".formatted(state.ledger().stateDigestHigh(), state.ledger().stateDigestLow());
    decisions.begin(state.ledger());
    policy = state.ledger().policy();
    checkIdentity(policy);
    grants.collect();
    if (start.head().point().position() == lastPosition) {
      adopt();
    }
  }

  /** The first records are missing, and nothing stands for them. */
  void beginWithNothing() {
    decisions.stop();
    paymentsStopped = true;
    grants.collect();
    log.beginWithoutLeaves(Optional.empty());
  }

  /** Snapshots to compare with, the oldest first. */
  void compareWith(List<SnapshotFile> files) {
    snapshots.addAll(files);
  }

  /** Whether the state at the last record is still to come. */
  private boolean isBeforeState() {
    return start != null && startState != null;
  }

  private void adopt() {
    SnapshotState state = startState;
    startState = null;
    if (!Bytes32.of(start.head().point().chain()).equalsAt(lastChain, 0)) {
      // KnownPoints names it.
      stop();
      return;
    }
    Objections inSnapshot =
        (code, detail) ->
            findings.add(
                new Finding(
                    code, start.head().point().position(), start.path().toString(), 0, detail));
    grants.adopt(state.ledger(), firstPosition, inSnapshot);
    try {
      penalties.adopt(state.ledger(), state.penalty());
      settlementStopped = state.settlement().isEmpty();
      settlement = state.settlement().orElse(settlement);
      payments.adopt(settlement);
    } catch (RuntimeException e) {
      inSnapshot.find(AuditFinding.SNAPSHOT, "what it says of settlement: " + e.getMessage());
      paymentsStopped = true;
    }
    log.beginWithoutLeaves(state.checkpoint());
  }

  /** Takes the next records, whose frames are whole and in their places. */
  void take(FrameRange source, RangeChecker checker, int count) {
    range = source;
    checked = checker;
    frame = checker.frames().buffer();
    grants.lookAhead(checker.frames(), count);
    decisions.lookAhead(checker, count);
    for (int i = 0; i < count; i++) {
      take(i);
    }
  }

  private void take(int at) {
    index = at;
    int frameAt = checked.frames().at(at);
    int end = frameAt + range.length(at);
    long position = range.position(at);
    long time = frame.getLong(frameAt + FrameLayout.TIME_OFFSET);
    if (time < lastTime) {
      find(AuditFinding.TIME_BACKWARDS, time + " ms behind a record of " + lastTime + " ms");
    }
    lastTime = Math.max(lastTime, time);
    lastPosition = position;
    frame.getBytes(end - FrameLayout.CRC_LENGTH - lastChain.length, lastChain);
    int number = frame.getShort(frameAt + FrameLayout.TYPE_OFFSET) & 0xFFFF;
    RecordType type = RecordType.ofNumber(number);
    if (type == null) {
      find(AuditFinding.UNKNOWN_TYPE, "type " + number);
      decisions.stop();
    } else {
      counts[type.ordinal()]++;
      int length = frame.getInt(frameAt + FrameLayout.PAYLOAD_LENGTH_OFFSET);
      fold(position, time, type, frameAt + FrameLayout.PAYLOAD_OFFSET, length);
    }
    points.compare(position, lastChain, objections);
    if (isBeforeState() && position == start.head().point().position()) {
      adopt();
    }
    compareSnapshots(position);
  }

  private void fold(long position, long time, RecordType type, int at, int length) {
    keepBooks(position, time, type, at, length);
    if (isBeforeState()) {
      return;
    }
    keepLog(position, type, at, length);
    decisions.apply(index, position, range.epoch(), time, type, frame, at, length, objections);
    if (type.isSettlement()) {
      settle(type, at, length);
    } else if (type.isPenalty()) {
      punish(type, at, length);
    }
  }

  private void keepLog(long position, RecordType type, int at, int length) {
    boolean grant = type == RecordType.GRANT;
    if (grant || type == RecordType.DOUBLE_SPEND) {
      if (LeafColumns.fits(length - (grant ? GrantRecord.CLAIM : DoubleSpendRecord.CLAIM))) {
        log.leaf(position, checked.leaves().buffer, index * Bytes32.LENGTH, objections);
      } else {
        find(AuditFinding.LOG_ROOT, "no claim, and so no leaf, is " + length + " bytes long");
      }
    } else {
      log.take(type, position, frame, at, length, objections);
    }
  }

  /** The record cannot be relied on: nothing from here on is decided again. */
  void stop() {
    decisions.stop();
    paymentsStopped = true;
  }

  private void compareSnapshots(long position) {
    while (!snapshots.isEmpty() && snapshots.getFirst().head().point().position() <= position) {
      SnapshotFile snapshot = snapshots.removeFirst();
      boolean here = snapshot.head().point().position() == position;
      if (here && snapshot != start && decisions.isDeciding() && !isBeforeState()) {
        comparedSnapshots += decisions.compare(snapshot, objections) ? 1 : 0;
      }
    }
  }

  // ---- rules of the books

  private void keepBooks(long position, long time, RecordType type, int at, int length) {
    switch (type) {
      case CONFIG -> configure(at, length);
      case REGISTER -> {
        if (length == RegisterRecord.REGISTRATION + Registration.MIN_LENGTH
            || length == RegisterRecord.MAX_LENGTH) {
          grants.register(index, frame, at, objections);
          penalties.register(frame, at, length);
        }
      }
      case GRANT -> {
        if (holdsClaim(at, length, GrantRecord.CLAIM)) {
          grants.grant(index, position, time, frame, at, objections);
        }
      }
      case DOUBLE_SPEND -> {
        if (holdsClaim(at, length, DoubleSpendRecord.CLAIM)) {
          grants.prove(index, position, time, frame, at, objections);
          penalties.prove(position, frame, at);
        }
      }
      case BLOCK_CONNECTED, BLOCK_DISCONNECTED -> {
        if (length == BlockRecord.LENGTH) {
          long height = frame.getInt(at + BlockRecord.HEIGHT);
          grants.tip(type == RecordType.BLOCK_CONNECTED ? height : height - 1);
        }
      }
      case ESCROW_FUNDED, ESCROW_UNFUNDED, ESCROW_SPENT, ESCROW_UNSPENT -> {
        if (length == OutpointRecord.LENGTH || length == OutpointRecord.SPENT_LENGTH) {
          grants.chainEvent(type, frame, at);
        }
      }
      default -> {
        // Nothing that the books look at.
      }
    }
  }

  /** Whether the payload has the length of a claim with its script behind what comes first. */
  private boolean holdsClaim(int at, int length, int claimStart) {
    return policy != null
        && length >= claimStart + ClaimLayout.MIN_LENGTH
        && length
            == claimStart
                + ClaimLayout.LENGTH_WITHOUT_SCRIPT
                + (frame.getByte(at + claimStart + ClaimLayout.SCRIPT_LENGTH) & 0xFF);
  }

  private void configure(int at, int length) {
    LedgerPolicy next;
    try {
      next = LedgerPolicy.decode(frame, at, length);
    } catch (RuntimeException e) {
      find(AuditFinding.POLICY, String.valueOf(e.getMessage()));
      return;
    }
    if (policy == null) {
      checkIdentity(next);
    }
    policy = next;
    grants.configure(next);
    decisions.configure(next);
  }

  private void checkIdentity(LedgerPolicy first) {
    if (expectedKey.isPresent() && !expectedKey.get().equals(first.vtsKey())) {
      find(
          AuditFinding.VTS_KEY,
          "the journal's is %s, expected %s".formatted(first.vtsKey(), expectedKey.get()));
    }
    Bytes32 expected =
        Sha256.of(
            "vts/journal/1/".getBytes(StandardCharsets.US_ASCII),
            network(first).getBytes(StandardCharsets.US_ASCII),
            first.vtsKey().toArray());
    if (!expected.equals(identity)) {
      find(AuditFinding.IDENTITY, "%s, expected %s".formatted(identity.toHex(), expected.toHex()));
    }
  }

  private static String network(LedgerPolicy policy) {
    return Network.ofMagic(policy.network())
        .map(Network::id)
        .orElse("%08x".formatted(policy.network()));
  }

  // ---- settlement

  private void settle(RecordType type, int at, int length) {
    if (paymentsStopped) {
      return;
    }
    SettlementRecord entry;
    try {
      entry = SettlementRecord.decode(type, payload(at, length));
    } catch (RuntimeException e) {
      find(AuditFinding.SETTLEMENT_MALFORMED, String.valueOf(e.getMessage()));
      paymentsStopped = true;
      return;
    }
    payments.apply(entry, objections);
    if (settlementStopped) {
      return;
    }
    try {
      settlement.apply(entry);
    } catch (RuntimeException e) {
      find(AuditFinding.SETTLEMENT_ORDER, String.valueOf(e.getMessage()));
      settlementStopped = true;
    }
  }

  private void punish(RecordType type, int at, int length) {
    if (!paymentsStopped) {
      penalties.apply(type, payload(at, length), objections);
    }
  }

  private byte[] payload(int at, int length) {
    byte[] payload = new byte[length];
    frame.getBytes(at, payload);
    return payload;
  }

  // ---- the end

  /** Ends the fold: what is known from elsewhere and the journal does not hold. */
  void end(String file, boolean live) {
    Objections atEnd =
        (code, detail) -> findings.add(new Finding(code, lastPosition + 1, file, 0, detail));
    log.end(atEnd);
    points.end(lastPosition, live, atEnd);
  }

  private void find(AuditFinding code, String detail) {
    findings.add(
        range == null
            ? new Finding(code, firstPosition, start.path().toString(), 0, detail)
            : new Finding(
                code, range.position(index), range.file().toString(), range.offset(index), detail));
  }

  /** What could not be checked because records are missing, one line each. */
  List<String> notChecked() {
    List<String> lines = new ArrayList<>();
    if (isBeforeState()) {
      lines.add("decisions: the audit ended before the snapshot's record");
    }
    if (log.unchecked() > 0) {
      lines.add(
          "%,d tree heads and cosignatures of the log beyond their signatures: first leaves missing"
              .formatted(log.unchecked()));
    }
    if (grants.unknownReleases() > 0) {
      lines.add(
          "%,d releases in batches: what their claims say, granted before record %,d"
              .formatted(grants.unknownReleases(), firstPosition));
    }
    if (penalties.unknownProofs() > 0) {
      lines.add(
          "%,d penalty records: their proofs lie before record %,d"
              .formatted(penalties.unknownProofs(), firstPosition));
    }
    return lines;
  }

  // ---- results

  String network() {
    return policy == null ? "" : network(policy);
  }

  String vtsKey() {
    return policy == null ? "" : policy.vtsKey().toHex();
  }

  /** Digest of the state that the audit began with; empty when it began with none. */
  String startDigest() {
    return startDigest;
  }

  GrantBook grants() {
    return grants;
  }

  LogBook log() {
    return log;
  }

  PaymentBook payments() {
    return payments;
  }

  Decisions decisions() {
    return decisions;
  }

  long comparedSnapshots() {
    return comparedSnapshots;
  }

  long lastPosition() {
    return lastPosition;
  }

  long lastTime() {
    return lastTime;
  }

  Bytes32 lastChain() {
    return Bytes32.of(lastChain);
  }

  Map<String, Long> counts() {
    Map<String, Long> byName = new TreeMap<>();
    for (RecordType type : TYPES) {
      if (counts[type.ordinal()] > 0) {
        byName.put(type.name(), counts[type.ordinal()]);
      }
    }
    return byName;
  }

  @Override
  public void close() {
    log.close();
    decisions.close();
  }
}
