package org.micropay.vts.audit;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.journal.RollPeriod;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.OutpointRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.Batch;
import org.micropay.vts.settlement.BatchBuilder;
import org.micropay.vts.settlement.FeeRate;
import org.micropay.vts.settlement.FeeSigner;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.settlement.ReleasePair;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/**
 * An honest VTS in small: real keys, the real ledger, the real journal, one record after the other.
 * Everything random comes from the seed.
 */
final class TestVts implements AutoCloseable {
  static final long START = 1_700_000_000_000L;
  static final int TIP = 800_000;
  private static final int CAPACITY = 64;
  private static final int DIGEST_INTERVAL = 16;
  private static final int REFUND_HEIGHT = TIP + 10_000;

  final SplittableRandom random;
  final SecretKey vtsKey;
  final PublicKey vtsPublic;
  final List<Escrow> escrows = new ArrayList<>();
  final List<Granted> granted = new ArrayList<>();
  private final List<SecretKey> keys = new ArrayList<>();
  private final Path directory;
  private ChronicleJournal journal;
  private LedgerPolicy policy;
  private Ledger ledger;
  private long time = START;
  private int height = TIP;
  private int batches;
  private int settled;
  private final ClaimView view = new ClaimView();
  private final UnsafeBuffer digest = new UnsafeBuffer(new byte[16]);

  /** A registered escrow. */
  record Escrow(Terms terms, SecretKey key, Registration registration) {}

  /** A granted claim. */
  record Granted(long position, Claim claim) {}

  TestVts(Path directory, long seed) {
    this.directory = directory;
    random = new SplittableRandom(seed);
    vtsKey = key();
    vtsPublic = PublicKey.of(vtsKey.publicKey());
    policy = policy(CAPACITY);
    ledger = Ledger.create(policy, 4 * CAPACITY, 4 * CAPACITY);
    openEpoch();
    command(RecordType.CONFIG, policy.encode());
    block();
  }

  private LedgerPolicy policy(int capacity) {
    return new LedgerPolicy(
        Network.REGTEST.magic(),
        vtsPublic,
        capacity,
        capacity,
        2,
        10,
        86_400_000L,
        LedgerPolicy.MIN_RETIRE_DEPTH,
        DIGEST_INTERVAL,
        random.nextLong(),
        random.nextLong());
  }

  static Bytes32 identity(PublicKey vtsKey) {
    return Sha256.of(
        "vts/journal/1/".getBytes(StandardCharsets.US_ASCII),
        Network.REGTEST.id().getBytes(StandardCharsets.US_ASCII),
        vtsKey.toArray());
  }

  static ChronicleJournal open(Path directory, Bytes32 identity) {
    return ChronicleJournal.open(
        new JournalConfig(directory, identity.toArray(), RollPeriod.HOURLY, 0, 4 << 20));
  }

  /** Closes the journal, if it is open, and opens its next epoch. */
  void openEpoch() {
    if (journal != null) {
      journal.close();
    }
    journal = open(directory, identity(vtsPublic));
  }

  long position() {
    return journal.nextPosition() - 1;
  }

  void advance(long millis) {
    time += millis;
  }

  // ---- commands

  int command(RecordType type, byte[] payload) {
    UnsafeBuffer buffer = new UnsafeBuffer(payload);
    long position = journal.nextPosition();
    int code = ledger.execute(position, type.number(), time, buffer, 0, payload.length);
    record(position, buffer, payload.length);
    return code;
  }

  private void record(long position, UnsafeBuffer payload, int length) {
    int type = ledger.journalType();
    if (type == 0) {
      return;
    }
    journal.append(position, type, time, payload, 0, length);
    if (ledger.isDigestDue()) {
      ledger.encodeStateDigest(digest, 0);
      long next = journal.nextPosition();
      ledger.execute(next, RecordType.STATE_DIGEST.number(), time, digest, 0, 16);
      journal.append(next, RecordType.STATE_DIGEST.number(), time, digest, 0, 16);
    }
    journal.sync();
  }

  void raiseCapacity() {
    policy =
        new LedgerPolicy(
            policy.network(),
            vtsPublic,
            2 * CAPACITY,
            2 * CAPACITY,
            policy.minConfirmations(),
            policy.refundMargin(),
            policy.chainStaleMillis(),
            policy.retireDepth(),
            policy.digestInterval(),
            policy.hashKey0(),
            policy.hashKey1());
    command(RecordType.CONFIG, policy.encode());
  }

  void block() {
    height++;
    command(RecordType.BLOCK_CONNECTED, blockPayload(height));
  }

  void reorganize() {
    command(RecordType.BLOCK_DISCONNECTED, blockPayload(height));
    height--;
  }

  private static byte[] blockPayload(int height) {
    byte[] payload = new byte[BlockRecord.LENGTH];
    BlockRecord.encode(new UnsafeBuffer(payload), 0, height, hash(height), hash(height - 1));
    return payload;
  }

  private static Bytes32 hash(int height) {
    return Sha256.of(("block " + height).getBytes(StandardCharsets.US_ASCII));
  }

  void tick() {
    time += 1 + random.nextInt(1000);
    command(RecordType.TICK, new byte[0]);
  }

  Escrow register(boolean withDeposit) {
    Escrow escrow = newEscrow(withDeposit, 1);
    int code = command(RecordType.REGISTER, registerPayload(escrow.registration));
    if (code != AnswerCode.REGISTERED.number()) {
      throw new AssertionError("registration refused: " + AnswerCode.ofNumber(code));
    }
    escrows.add(escrow);
    return escrow;
  }

  byte[] registerPayload(Registration registration) {
    ExpandableArrayBuffer payload = new ExpandableArrayBuffer();
    int length =
        RegisterRecord.encode(
            payload,
            0,
            registration,
            height - 5,
            registration.deposit().isPresent() ? height - 4 : 0,
            hash(height));
    byte[] bytes = new byte[length];
    payload.getBytes(0, bytes);
    return bytes;
  }

  Escrow newEscrow(boolean withDeposit, int odds) {
    SecretKey key = key();
    Terms terms =
        new Terms(
            Network.REGTEST.magic(),
            new Outpoint(bytes32(), random.nextInt(4)),
            100_000,
            95_000,
            odds,
            REFUND_HEIGHT,
            PublicKey.of(key.publicKey()),
            vtsPublic);
    Optional<Deposit> deposit = withDeposit ? Optional.of(deposit(terms, key)) : Optional.empty();
    CompactSignature signature = sign(key, Registration.digest(terms, deposit));
    return new Escrow(terms, key, new Registration(terms, deposit, signature));
  }

  private Deposit deposit(Terms terms, SecretKey key) {
    Outpoint outpoint = new Outpoint(bytes32(), 0);
    CompactSignature any = sign(key, Bytes32.ZERO);
    Deposit unsigned = new Deposit(outpoint, 50_000, REFUND_HEIGHT, 500, any);
    CompactSignature burn = sign(key, SpendTemplate.burn(terms, unsigned).digest());
    return new Deposit(outpoint, 50_000, REFUND_HEIGHT, 500, burn);
  }

  // ---- claims

  Claim claim(Escrow escrow) {
    return claim(escrow, time / 1000 + 3_600);
  }

  Claim claim(Escrow escrow, long expiry) {
    Opening opening = new Opening(bytes16(), bytes16());
    Bytes16 r2 = bytes16();
    byte[] hash = new byte[20];
    random.nextBytes(hash);
    PayoutScript script =
        PayoutScript.fromHex(
            random.nextBoolean()
                ? "0014" + HexFormat.of().formatHex(hash)
                : "76a914" + HexFormat.of().formatHex(hash) + "88ac");
    Terms terms = escrow.terms;
    Bytes32 ticket = Ticket.digest(terms.digest(), opening.commitment(), r2, expiry, script);
    return new Claim(
        terms,
        opening.commitment(),
        opening,
        r2,
        expiry,
        script,
        sign(escrow.key, ticket),
        sign(escrow.key, SpendTemplate.release(terms, script).digest()));
  }

  int decide(Claim claim) {
    byte[] bytes = claim.encode();
    byte[] id = claim.id().toArray();
    long position = journal.nextPosition();
    view.wrap(bytes, 0, bytes.length);
    int code = ledger.decide(position, time, view, id, 0);
    if (ledger.journalType() == RecordType.GRANT.number()) {
      granted.add(new Granted(position, claim));
      byte[] payload = grantPayload(claim);
      record(position, new UnsafeBuffer(payload), payload.length);
    } else if (ledger.journalType() == RecordType.DOUBLE_SPEND.number()) {
      byte[] payload = proofPayload(claim, ledger.grantPosition());
      record(position, new UnsafeBuffer(payload), payload.length);
    }
    return code;
  }

  static byte[] grantPayload(Claim claim) {
    byte[] bytes = claim.encode();
    byte[] payload = new byte[GrantRecord.CLAIM + bytes.length];
    claim.id().copyTo(payload, 0);
    System.arraycopy(bytes, 0, payload, GrantRecord.CLAIM, bytes.length);
    return payload;
  }

  static byte[] proofPayload(Claim claim, long grantPosition) {
    byte[] bytes = claim.encode();
    byte[] payload = new byte[DoubleSpendRecord.CLAIM + bytes.length];
    DoubleSpendRecord.encode(
        new UnsafeBuffer(payload),
        0,
        claim.id().toArray(),
        0,
        grantPosition,
        new ClaimView().wrap(bytes, 0, bytes.length));
    return payload;
  }

  // ---- settlement

  /** The batch of these grants; the escrows' allowances pay its fee. */
  Batch batch(List<Granted> claims) {
    List<ReleasePair> pairs = new ArrayList<>();
    for (Granted one : claims) {
      Bytes32 spend = one.claim.spendTemplate().digest();
      pairs.add(ReleasePair.of(one.position, one.claim, sign(vtsKey, spend)));
    }
    FeeSigner wallet =
        new FeeSigner() {
          @Override
          public PublicKey publicKey() {
            return vtsPublic;
          }

          @Override
          public CompactSignature sign(Bytes32 message) {
            return TestVts.sign(vtsKey, message);
          }
        };
    return new BatchBuilder(wallet)
        .build(pairs, List.of(), List.of(), BatchBuilder.Fee.at(FeeRate.MIN_RELAY))
        .orElseThrow();
  }

  int store(Batch batch) {
    settle(new SettlementRecord.BatchStored(++batches, 0, batch));
    return batches;
  }

  void settle(SettlementRecord entry) {
    command(entry.type(), entry.encode());
  }

  /** Stores, broadcasts and confirms a batch of these grants, whose escrows are spent by it. */
  void settleAll(List<Granted> claims) {
    Batch batch = batch(claims);
    int number = store(batch);
    settle(new SettlementRecord.BatchBroadcast(number, 0));
    for (Granted one : claims) {
      byte[] spent = new byte[OutpointRecord.SPENT_LENGTH];
      OutpointRecord.encodeSpent(
          new UnsafeBuffer(spent), 0, one.claim.terms().outpoint(), height + 1, batch.txid());
      command(RecordType.ESCROW_SPENT, spent);
    }
    block();
    settle(new SettlementRecord.BatchConfirmed(number, 0, height, hash(height)));
    settle(new SettlementRecord.BatchFinal(number, 0, height));
    settled += claims.size();
  }

  /** A history with every kind of record. */
  void liveALittle(int steps) {
    register(true);
    for (int i = 0; i < steps; i++) {
      advance(random.nextInt(50));
      switch (random.nextInt(8)) {
        case 0, 1 -> register(random.nextInt(4) == 0);
        case 2, 3 -> decide(claim(newest()));
        case 4 -> {
          if (!granted.isEmpty()) {
            Granted any = granted.get(random.nextInt(granted.size()));
            decide(claim(escrowOf(any)));
          }
        }
        case 5 -> tick();
        case 6 -> block();
        default -> {
          if (random.nextInt(3) == 0) {
            reorganize();
          }
        }
      }
    }
    Escrow fresh = register(false);
    decide(claim(fresh));
    decide(claim(fresh)); // a double-spend
    settleAll(List.copyOf(granted.subList(settled, settled + (granted.size() - settled + 1) / 2)));
    penalize();
    tick();
  }

  /** A double-spend on an escrow with a deposit, which is burnt for it. */
  private void penalize() {
    Escrow secured = register(true);
    decide(claim(secured));
    long proof = journal.nextPosition();
    decide(claim(secured));
    punish(new PenaltyRecord.BurnStored(proof, 0, TestBurn.of(secured, vtsKey)));
    punish(new PenaltyRecord.BurnBroadcast(proof, 0));
    block();
    punish(new PenaltyRecord.BurnConfirmed(proof, 0, height, hash(height)));
    punish(new PenaltyRecord.BurnFinal(proof, height));
  }

  private void punish(PenaltyRecord entry) {
    command(entry.type(), entry.encode());
  }

  Escrow newest() {
    return escrows.getLast();
  }

  Escrow escrowOf(Granted one) {
    return escrows.stream()
        .filter(escrow -> escrow.terms.outpoint().equals(one.claim.terms().outpoint()))
        .findFirst()
        .orElseThrow();
  }

  // ---- keys and bytes

  private SecretKey key() {
    byte[] secret = new byte[SecretKey.BYTES];
    random.nextBytes(secret);
    secret[0] &= 0x7f;
    SecretKey key = SecretKey.moveFrom(secret);
    keys.add(key);
    return key;
  }

  static CompactSignature sign(SecretKey key, Bytes32 digest) {
    return CompactSignature.of(Ecdsa.sign(key, digest.toArray()));
  }

  private Bytes32 bytes32() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return Bytes32.of(bytes);
  }

  private Bytes16 bytes16() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return Bytes16.of(bytes);
  }

  /** Stops without closing the journal, as a kill would, as far as one process can. */
  ChronicleJournal journal() {
    return journal;
  }

  /** The state now. */
  Ledger ledger() {
    return ledger;
  }

  @Override
  public void close() {
    journal.close();
    ledger.close();
    keys.forEach(SecretKey::close);
  }
}
