package org.micropay.vts.audit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.journal.FrameRange;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerMismatchException;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.OutpointRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
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
 * thread; the payloads are read where they lie in the file.
 */
final class Fold implements AutoCloseable {
  private static final RecordType[] TYPES = RecordType.values();

  private final Optional<PublicKey> expectedKey;
  private final List<Checkpoint> checkpoints;
  private final Bytes32 identity;
  private final FindingList findings;
  private final UnsafeBuffer frame = new UnsafeBuffer();
  private final GrantBook grants = new GrantBook();
  private final PaymentBook payments = new PaymentBook(grants);
  private final PenaltyBook penalties = new PenaltyBook();
  private final LogBook log;
  private final SettlementState settlement = new SettlementState();
  private final long[] counts = new long[TYPES.length];
  private final byte[] lastChain = new byte[FrameLayout.CHAIN_LENGTH];
  private final Objections objections = this::find;
  private Ledger ledger;
  private LedgerPolicy policy;
  private boolean ledgerStopped;
  private boolean paymentsStopped;
  private boolean settlementStopped;
  private boolean digestMissing;
  private RecordType lastType;
  private int lastEpoch;
  private long decidedThrough;
  private long lastPosition;
  private long lastTime;
  private FrameRange range;
  private int index;

  Fold(
      Optional<PublicKey> expectedKey,
      List<EarlierState> earlier,
      Bytes32 identity,
      FindingList findings) {
    this.expectedKey = expectedKey;
    this.checkpoints = only(earlier, Checkpoint.class);
    this.log = new LogBook(only(earlier, TreeHead.class));
    this.identity = identity;
    this.findings = findings;
  }

  private static <T> List<T> only(List<EarlierState> earlier, Class<T> kind) {
    return earlier.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Takes the next record, whose frame is whole and in its place. */
  void take(FrameRange source, int at) {
    range = source;
    index = at;
    frame.wrap(source.mapping().address() + source.offset(at), source.length(at));
    long position = source.position(at);
    long time = frame.getLong(FrameLayout.TIME_OFFSET);
    if (time < lastTime) {
      find(AuditFinding.TIME_BACKWARDS, time + " ms behind a record of " + lastTime + " ms");
    }
    lastTime = Math.max(lastTime, time);
    lastPosition = position;
    frame.getBytes(source.length(at) - FrameLayout.CRC_LENGTH - lastChain.length, lastChain);
    int number = frame.getShort(FrameLayout.TYPE_OFFSET) & 0xFFFF;
    RecordType type = RecordType.ofNumber(number);
    if (type == null) {
      find(AuditFinding.UNKNOWN_TYPE, "type " + number);
      ledgerStopped = true;
      return;
    }
    counts[type.ordinal()]++;
    int length = frame.getInt(FrameLayout.PAYLOAD_LENGTH_OFFSET);
    keepBooks(position, time, type, FrameLayout.PAYLOAD_OFFSET, length);
    log.take(type, position, time, frame, FrameLayout.PAYLOAD_OFFSET, length, objections);
    decideAgain(position, time, type, length);
    if (type.isSettlement()) {
      settle(type, length);
    } else if (type.isPenalty()) {
      punish(type, length);
    }
    compareWithCheckpoints(position);
    lastType = type;
    lastEpoch = source.epoch();
  }

  /** The record cannot be relied on: nothing from here on is decided again. */
  void stop() {
    ledgerStopped = true;
    paymentsStopped = true;
  }

  // ---- rules of the books

  private void keepBooks(long position, long time, RecordType type, int at, int length) {
    switch (type) {
      case CONFIG -> configure(at, length);
      case REGISTER -> {
        if (length == RegisterRecord.REGISTRATION + Registration.MIN_LENGTH
            || length == RegisterRecord.MAX_LENGTH) {
          grants.register(frame, at, objections);
          penalties.register(frame, at, length);
        }
      }
      case GRANT -> {
        if (holdsClaim(at, length, GrantRecord.CLAIM)) {
          grants.grant(position, time, frame, at, objections);
        }
      }
      case DOUBLE_SPEND -> {
        if (holdsClaim(at, length, DoubleSpendRecord.CLAIM)) {
          grants.prove(position, time, frame, at, objections);
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

  // ---- the ledger

  private void decideAgain(long position, long time, RecordType type, int length) {
    if (ledgerStopped) {
      return;
    }
    try {
      if (type == RecordType.CONFIG && policy != null) {
        makeRoom();
      }
      if (ledger == null) {
        find(AuditFinding.FIRST_RECORD, "record " + position + " is " + type);
        ledgerStopped = true;
        return;
      }
      requireDigest(type);
      ledger.apply(position, type.number(), time, frame, FrameLayout.PAYLOAD_OFFSET, length);
      decidedThrough = position;
    } catch (LedgerMismatchException e) {
      find(mismatch(type), e.getMessage());
      ledgerStopped = true;
    } catch (IllegalStateException | IllegalArgumentException e) {
      find(AuditFinding.DECISION, String.valueOf(e.getMessage()));
      ledgerStopped = true;
    }
  }

  /**
   * A digest comes right behind the record that makes it due. What a start writes beside the
   * pipeline goes without, and a stop may come between; then it comes behind the next record.
   */
  private void requireDigest(RecordType type) {
    if (type == RecordType.STATE_DIGEST) {
      digestMissing = false;
    } else if (!digestMissing
        && ledger.isDigestDue()
        && lastEpoch == range.epoch()
        && lastType != RecordType.CONFIG
        && lastType != RecordType.OPERATOR_OVERRIDE) {
      digestMissing = true;
      find(
          AuditFinding.STATE_DIGEST_MISSING,
          "the policy asks for one every %d records; the record is %s"
              .formatted(ledger.policy().digestInterval(), type));
    }
  }

  private static AuditFinding mismatch(RecordType type) {
    return switch (type) {
      case STATE_DIGEST -> AuditFinding.STATE_DIGEST;
      case CONFIG -> AuditFinding.POLICY;
      default -> AuditFinding.DECISION;
    };
  }

  /** A ledger with memory for the policy that is about to be in force. */
  private void makeRoom() {
    if (ledger == null) {
      ledger = Ledger.create(policy);
    } else if (policy.escrowCapacity() > ledger.policy().escrowCapacity()
        || policy.depositCapacity() > ledger.policy().depositCapacity()) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ledger.writeSnapshot(
          (buffer, offset, length) -> {
            byte[] part = new byte[length];
            buffer.getBytes(offset, part);
            bytes.writeBytes(part);
          });
      ledger.close();
      ByteArrayInputStream source = new ByteArrayInputStream(bytes.toByteArray());
      ledger =
          Ledger.loadSnapshot(
              (buffer, offset, length) -> {
                byte[] part = new byte[length];
                if (source.readNBytes(part, 0, length) != length) {
                  throw new IllegalArgumentException("the snapshot ends early");
                }
                buffer.putBytes(offset, part);
              },
              policy.escrowCapacity(),
              policy.depositCapacity());
    }
  }

  // ---- settlement

  private void settle(RecordType type, int length) {
    if (paymentsStopped) {
      return;
    }
    byte[] payload = new byte[length];
    frame.getBytes(FrameLayout.PAYLOAD_OFFSET, payload);
    SettlementRecord entry;
    try {
      entry = SettlementRecord.decode(type, payload);
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

  private void punish(RecordType type, int length) {
    if (!paymentsStopped) {
      byte[] payload = new byte[length];
      frame.getBytes(FrameLayout.PAYLOAD_OFFSET, payload);
      penalties.apply(type, payload, objections);
    }
  }

  // ---- checkpoints

  private void compareWithCheckpoints(long position) {
    for (int i = 0; i < checkpoints.size(); i++) {
      Checkpoint earlier = checkpoints.get(i);
      if (earlier.position() == position && !earlier.chain().equalsAt(lastChain, 0)) {
        find(
            AuditFinding.CHECKPOINT,
            "chain %s, the checkpoint has %s"
                .formatted(Bytes32.of(lastChain).toHex(), earlier.chain().toHex()));
      }
    }
  }

  /** Ends the fold: checkpoints of records that the journal does not hold. */
  void end(String file) {
    log.end((code, detail) -> findings.add(new Finding(code, lastPosition + 1, file, 0, detail)));
    for (Checkpoint earlier : checkpoints) {
      if (earlier.position() > lastPosition) {
        findings.add(
            new Finding(
                AuditFinding.CHECKPOINT,
                lastPosition + 1,
                file,
                0,
                "the checkpoint is of position %d; the journal ends at %d"
                    .formatted(earlier.position(), lastPosition)));
      }
    }
  }

  private void find(AuditFinding code, String detail) {
    findings.add(
        new Finding(
            code, range.position(index), range.file().toString(), range.offset(index), detail));
  }

  // ---- results

  String network() {
    return policy == null ? "" : network(policy);
  }

  String vtsKey() {
    return policy == null ? "" : policy.vtsKey().toHex();
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

  long decidedThrough() {
    return decidedThrough;
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
    if (ledger != null) {
      ledger.close();
    }
  }
}
