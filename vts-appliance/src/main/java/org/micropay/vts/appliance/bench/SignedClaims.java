package org.micropay.vts.appliance.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.pipeline.ClaimSource;
import org.micropay.vts.pipeline.PipelineBench.Setup;
import org.micropay.vts.secp256k1.BatchSigner;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimDigester;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/**
 * Winning claims for measurements, each on an escrow of its own, signed beforehand. Neighbours
 * never share a buyer's key (there are {@value #KEYS} of them), so no batch gains from a repeated
 * key. Immutable once generated.
 */
final class SignedClaims implements ClaimSource {
  static final int KEYS = 512;
  static final long EXPIRY = 0xFFFF_FFF0L;

  private static final int SCRIPT_LENGTH = 22;
  private static final int ROW = ClaimLayout.LENGTH_WITHOUT_SCRIPT + SCRIPT_LENGTH;
  private static final int FUNDED_HEIGHT = 1_000;
  private static final int REFUND_HEIGHT = 400_000_000;
  private static final long VALUE = 100_000;
  private static final long PAYOUT = 99_000;
  private static final Bytes32 TIP = Bytes32.fromHex("11".repeat(32));
  private static final Bytes32 TIP_PARENT = Bytes32.fromHex("10".repeat(32));

  private final byte[] rows;
  private final int count;
  private final CompactSignature anySignature;

  private SignedClaims(byte[] rows, int count, CompactSignature anySignature) {
    this.rows = rows;
    this.count = count;
    this.anySignature = anySignature;
  }

  /** Signs {@code count} claims with the kernel under test; a few microseconds each. */
  static SignedClaims generate(Kernel kernel, PublicKey vtsKey, int count) {
    byte[] rows = new byte[Math.multiplyExact(count, ROW)];
    PayoutScript script = PayoutScript.fromHex("0014" + "5a".repeat(20));
    for (int k = 0; k < Math.min(KEYS, count); k++) {
      try (SecretKey key = SecretKey.generate();
          BatchSigner signer = kernel.newSigner(key)) {
        PublicKey buyer = PublicKey.of(key.publicKey());
        for (int i = k; i < count; i += KEYS) {
          writeUnsigned(rows, i, buyer, vtsKey, script);
        }
        sign(rows, k, count, signer);
      }
    }
    CompactSignature any = CompactSignature.copyOf(rows, ROW - CompactSignature.LENGTH);
    return new SignedClaims(rows, count, any);
  }

  private static void writeUnsigned(
      byte[] rows, int i, PublicKey buyer, PublicKey vtsKey, PayoutScript script) {
    int at = i * ROW;
    Outpoint outpoint = new Outpoint(Bytes32.of(numbered(32, i)), 0);
    new Terms(Network.REGTEST.magic(), outpoint, VALUE, PAYOUT, 1, REFUND_HEIGHT, buyer, vtsKey)
        .copyTo(rows, at);
    Opening opening = new Opening(Bytes16.of(numbered(16, i)), Bytes16.of(numbered(16, ~i)));
    opening.commitment().copyTo(rows, at + ClaimLayout.COMMITMENT);
    opening.r1().copyTo(rows, at + ClaimLayout.R1);
    opening.s().copyTo(rows, at + ClaimLayout.S);
    Bytes16.of(numbered(16, i * 31)).copyTo(rows, at + ClaimLayout.R2);
    ByteBuffer.wrap(rows)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(at + ClaimLayout.EXPIRY, (int) EXPIRY);
    rows[at + ClaimLayout.SCRIPT_LENGTH] = SCRIPT_LENGTH;
    script.copyTo(rows, at + ClaimLayout.SCRIPT);
  }

  private static byte[] numbered(int length, long number) {
    byte[] bytes = new byte[length];
    ByteBuffer.wrap(bytes).putLong(number).putLong(number * 0x9E3779B97F4A7C15L);
    return bytes;
  }

  /** Signs every claim of one key in a single call. */
  private static void sign(byte[] rows, int first, int count, BatchSigner signer) {
    int claims = (count - first + KEYS - 1) / KEYS;
    int items = 2 * claims;
    byte[] digests = new byte[items * 32];
    byte[] terms = new byte[32];
    ClaimDigester digester = new ClaimDigester();
    ClaimView view = new ClaimView();
    for (int c = 0; c < claims; c++) {
      view.wrap(rows, (first + c * KEYS) * ROW, ROW);
      digester.termsDigest(view, terms, 0);
      digester.ticketDigest(view, terms, 0, digests, 2 * c * 32);
      digester.spendDigest(view, digests, (2 * c + 1) * 32);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(digests.length, 64);
      MemorySegment.copy(digests, 0, in, ValueLayout.JAVA_BYTE, 0, digests.length);
      MemorySegment signatures = arena.allocate(items * 64L, 64);
      signer.sign(in, signatures, arena.allocate(items, 64), items);
      for (int c = 0; c < claims; c++) {
        int signaturesAt = (first + c * KEYS) * ROW + ClaimLayout.SCRIPT + SCRIPT_LENGTH;
        MemorySegment.copy(signatures, ValueLayout.JAVA_BYTE, c * 128L, rows, signaturesAt, 128);
      }
    }
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int copyTo(int index, byte[] target, int offset) {
    System.arraycopy(rows, index * ROW, target, offset, ROW);
    return ROW;
  }

  /** The commands that make every claim's escrow known and deep enough. */
  List<Setup> setup() {
    List<Setup> commands = new ArrayList<>(count + 1);
    byte[] block = new byte[BlockRecord.LENGTH];
    BlockRecord.encode(new UnsafeBuffer(block), 0, FUNDED_HEIGHT, TIP, TIP_PARENT);
    commands.add(new Setup(RecordType.BLOCK_CONNECTED.number(), block));
    for (int i = 0; i < count; i++) {
      Registration registration =
          new Registration(Terms.copyOf(rows, i * ROW), Optional.empty(), anySignature);
      byte[] payload = new byte[RegisterRecord.REGISTRATION + Registration.MIN_LENGTH];
      RegisterRecord.encode(new UnsafeBuffer(payload), 0, registration, FUNDED_HEIGHT, 0, TIP);
      commands.add(new Setup(RecordType.REGISTER.number(), payload));
    }
    return commands;
  }
}
