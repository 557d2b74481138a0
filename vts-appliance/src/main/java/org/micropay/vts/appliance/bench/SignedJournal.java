package org.micropay.vts.appliance.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.journal.RollPeriod;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.secp256k1.BatchSigner;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.CompactSignature;
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
 * A journal for measurements: escrows, each registered and granted, by the real ledger and journal,
 * with every signature real; and the same signatures as columns for the kernel. Neighbours never
 * share a buyer's key.
 */
final class SignedJournal {
  /** Registrations, or claims, in one kernel call and in one run of records. */
  static final int BATCH = 256;

  /** Signatures in one call where each has a key of its own, as {@code vts bench} has them. */
  private static final int SINGLES = 128;

  private static final int KEYS = 512;
  private static final long TIME = 1_700_000_000_000L;
  private static final long EXPIRY = 0xFFFF_FFF0L;
  private static final int HEIGHT = 1_000;
  private static final int REFUND_HEIGHT = 400_000_000;
  private static final int DIGEST_INTERVAL = 4_096;
  private static final Bytes32 TIP = Bytes32.fromHex("11".repeat(32));
  private static final PayoutScript SCRIPT = PayoutScript.fromHex("0014" + "5a".repeat(20));

  private final Path directory;
  private final int claims;
  private final PublicKey vtsKey;
  private final MemorySegment registrationDigests;
  private final MemorySegment registrationSignatures;
  private final MemorySegment claimDigests;
  private final MemorySegment claimSignatures;
  private final MemorySegment publicKeys;

  /** Each key twice, one for each of a claim's signatures. */
  private final MemorySegment repeatedKeys;

  private SignedJournal(Path directory, int claims, PublicKey vtsKey, Arena arena) {
    this.directory = directory;
    this.claims = claims;
    this.vtsKey = vtsKey;
    registrationDigests = arena.allocate(32L * claims, 64);
    registrationSignatures = arena.allocate(64L * claims, 64);
    claimDigests = arena.allocate(64L * claims, 64);
    claimSignatures = arena.allocate(128L * claims, 64);
    publicKeys = arena.allocate(33L * claims, 64);
    repeatedKeys = arena.allocate(66L * claims, 64);
  }

  /** Signs and writes; some 30 microseconds a claim. */
  static SignedJournal write(Kernel kernel, Path directory, int claims, Arena arena) {
    PublicKey vtsKey;
    try (SecretKey secret = SecretKey.generate()) {
      vtsKey = PublicKey.of(secret.publicKey());
    }
    SignedJournal journal = new SignedJournal(directory, claims, vtsKey, arena);
    for (int key = 0; key < Math.min(KEYS, claims); key++) {
      journal.signAll(kernel, key);
    }
    journal.writeAll();
    return journal;
  }

  Path directory() {
    return directory;
  }

  /** All signatures through the kernel, as an audit batches them. */
  void verify(BatchVerifier verifier, MemorySegment verdicts) {
    for (int from = 0; from < claims; from += BATCH) {
      int count = Math.min(BATCH, claims - from);
      verifier.verify(
          registrationDigests.asSlice(32L * from),
          registrationSignatures.asSlice(64L * from),
          publicKeys.asSlice(33L * from),
          verdicts,
          count,
          1);
      verifier.verify(
          claimDigests.asSlice(64L * from),
          claimSignatures.asSlice(128L * from),
          publicKeys.asSlice(33L * from),
          verdicts,
          count,
          2);
    }
  }

  /**
   * The same signatures as if each had a key of its own: what the kernel's published rate of
   * verification counts.
   */
  void verifyEach(BatchVerifier verifier, MemorySegment verdicts) {
    verifyEach(verifier, registrationDigests, registrationSignatures, publicKeys, verdicts);
    verifyEach(verifier, claimDigests, claimSignatures, repeatedKeys, verdicts);
  }

  private static void verifyEach(
      BatchVerifier verifier,
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment keys,
      MemorySegment verdicts) {
    long all = digests.byteSize() / 32;
    for (long from = 0; from < all; from += SINGLES) {
      int count = (int) Math.min(SINGLES, all - from);
      verifier.verify(
          digests.asSlice(32 * from),
          signatures.asSlice(64 * from),
          keys.asSlice(33 * from),
          verdicts,
          count,
          1);
    }
  }

  // ---- signing

  private void signAll(Kernel kernel, int key) {
    int count = (claims - key + KEYS - 1) / KEYS;
    try (SecretKey secret = SecretKey.generate();
        BatchSigner signer = kernel.newSigner(secret);
        Arena arena = Arena.ofConfined()) {
      byte[] publicKey = secret.publicKey();
      MemorySegment digests = arena.allocate(96L * count, 64);
      for (int i = 0; i < count; i++) {
        int claim = key + i * KEYS;
        MemorySegment.copy(publicKey, 0, publicKeys, ValueLayout.JAVA_BYTE, 33L * claim, 33);
        MemorySegment.copy(publicKey, 0, repeatedKeys, ValueLayout.JAVA_BYTE, 66L * claim, 33);
        MemorySegment.copy(publicKey, 0, repeatedKeys, ValueLayout.JAVA_BYTE, 66L * claim + 33, 33);
        Terms terms = terms(claim);
        put(Registration.digest(terms, Optional.empty()), digests, 3L * i);
        Opening opening = opening(claim);
        put(
            Ticket.digest(terms.digest(), opening.commitment(), r2(claim), EXPIRY, SCRIPT),
            digests,
            3L * i + 1);
        put(SpendTemplate.release(terms, SCRIPT).digest(), digests, 3L * i + 2);
      }
      MemorySegment signatures = arena.allocate(192L * count, 64);
      signer.sign(digests, signatures, arena.allocate(3L * count, 64), 3 * count);
      for (int i = 0; i < count; i++) {
        long claim = key + (long) i * KEYS;
        MemorySegment.copy(digests, 96L * i, registrationDigests, 32 * claim, 32);
        MemorySegment.copy(digests, 96L * i + 32, claimDigests, 64 * claim, 64);
        MemorySegment.copy(signatures, 192L * i, registrationSignatures, 64 * claim, 64);
        MemorySegment.copy(signatures, 192L * i + 64, claimSignatures, 128 * claim, 128);
      }
    }
  }

  private static void put(Bytes32 digest, MemorySegment digests, long item) {
    MemorySegment.copy(digest.toArray(), 0, digests, ValueLayout.JAVA_BYTE, 32 * item, 32);
  }

  private Terms terms(int claim) {
    byte[] key = publicKeys.asSlice(33L * claim, 33).toArray(ValueLayout.JAVA_BYTE);
    Outpoint outpoint = new Outpoint(Bytes32.of(numbered(32, claim)), 0);
    return new Terms(
        Network.REGTEST.magic(),
        outpoint,
        100_000,
        99_000,
        1,
        REFUND_HEIGHT,
        PublicKey.of(key),
        vtsKey);
  }

  private static Opening opening(int claim) {
    return new Opening(Bytes16.of(numbered(16, claim)), Bytes16.of(numbered(16, ~claim)));
  }

  private static Bytes16 r2(int claim) {
    return Bytes16.of(numbered(16, claim * 31L));
  }

  private static byte[] numbered(int length, long number) {
    byte[] bytes = new byte[length];
    ByteBuffer.wrap(bytes).putLong(number).putLong(number * 0x9E3779B97F4A7C15L);
    return bytes;
  }

  private static CompactSignature signature(MemorySegment column, long item) {
    return CompactSignature.of(column.asSlice(64 * item, 64).toArray(ValueLayout.JAVA_BYTE));
  }

  // ---- writing

  private void writeAll() {
    byte[] identity =
        Sha256.of(
                ("vts/journal/1/" + Network.REGTEST.id()).getBytes(StandardCharsets.US_ASCII),
                vtsKey.toArray())
            .toArray();
    LedgerPolicy policy =
        new LedgerPolicy(
            Network.REGTEST.magic(),
            vtsKey,
            claims,
            0,
            1,
            1,
            Long.MAX_VALUE,
            LedgerPolicy.MIN_RETIRE_DEPTH,
            DIGEST_INTERVAL,
            1,
            2);
    JournalConfig config = new JournalConfig(directory, identity, RollPeriod.HOURLY, 0, 64 << 20);
    try (ChronicleJournal journal = ChronicleJournal.open(config);
        Ledger ledger = Ledger.create(policy)) {
      Writer writer = new Writer(journal, ledger);
      writer.command(RecordType.CONFIG, policy.encode());
      byte[] block = new byte[BlockRecord.LENGTH];
      BlockRecord.encode(new UnsafeBuffer(block), 0, HEIGHT, TIP, Bytes32.ZERO);
      writer.command(RecordType.BLOCK_CONNECTED, block);
      for (int from = 0; from < claims; from += BATCH) {
        int to = Math.min(claims, from + BATCH);
        for (int claim = from; claim < to; claim++) {
          writer.command(RecordType.REGISTER, registration(claim));
        }
        for (int claim = from; claim < to; claim++) {
          writer.grant(claim(claim));
        }
        journal.sync();
      }
    }
  }

  private byte[] registration(int claim) {
    Registration registration =
        new Registration(terms(claim), Optional.empty(), signature(registrationSignatures, claim));
    byte[] payload = new byte[RegisterRecord.REGISTRATION + Registration.MIN_LENGTH];
    RegisterRecord.encode(new UnsafeBuffer(payload), 0, registration, HEIGHT, 0, TIP);
    return payload;
  }

  private Claim claim(int claim) {
    Opening opening = opening(claim);
    return new Claim(
        terms(claim),
        opening.commitment(),
        opening,
        r2(claim),
        EXPIRY,
        SCRIPT,
        signature(claimSignatures, 2L * claim),
        signature(claimSignatures, 2L * claim + 1));
  }

  /** Appends what the ledger decides. */
  private record Writer(ChronicleJournal journal, Ledger ledger) {
    void command(RecordType type, byte[] payload) {
      UnsafeBuffer buffer = new UnsafeBuffer(payload);
      long position = journal.nextPosition();
      int code = ledger.execute(position, type.number(), TIME, buffer, 0, payload.length);
      if (ledger.journalType() != type.number()) {
        throw new IllegalStateException(type + " was refused with code " + code);
      }
      append(position, type, buffer, payload.length);
    }

    void grant(Claim claim) {
      byte[] bytes = claim.encode();
      byte[] id = claim.id().toArray();
      ClaimView view = new ClaimView().wrap(bytes, 0, bytes.length);
      long position = journal.nextPosition();
      int code = ledger.decide(position, TIME, view, id, 0);
      if (ledger.journalType() != RecordType.GRANT.number()) {
        throw new IllegalStateException("a claim was refused with code " + code);
      }
      UnsafeBuffer payload = new UnsafeBuffer(new byte[GrantRecord.MAX_LENGTH]);
      int length = GrantRecord.encode(payload, 0, id, 0, view);
      append(position, RecordType.GRANT, payload, length);
    }

    private void append(long position, RecordType type, UnsafeBuffer payload, int length) {
      journal.append(position, type.number(), TIME, payload, 0, length);
      if (ledger.isDigestDue()) {
        UnsafeBuffer digest = new UnsafeBuffer(new byte[16]);
        ledger.encodeStateDigest(digest, 0);
        command(RecordType.STATE_DIGEST, digest.byteArray());
      }
    }
  }
}
