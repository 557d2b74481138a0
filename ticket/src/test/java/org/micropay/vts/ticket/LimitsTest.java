package org.micropay.vts.ticket;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Both sides of every limit. */
class LimitsTest {
  private static final BigInteger N =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
  private static final BigInteger P =
      BigInteger.TWO.pow(256).subtract(BigInteger.TWO.pow(32)).subtract(BigInteger.valueOf(977));
  private static final long MAX_MONEY = 2_100_000_000_000_000L;

  private final Random random = Seed.random("LimitsTest");
  private final Samples samples = new Samples(random);

  @Test
  void shouldHoldTheRangesOfTerms() {
    accept(() -> terms(330, 330, 1, 1));
    accept(() -> terms(MAX_MONEY, MAX_MONEY, Integer.MAX_VALUE, 499_999_999));
    accept(() -> terms(330, 294, 1, 1));
    refuse(AnswerCode.INVALID_TERMS, () -> terms(1_000, 1_000, 0, 1));
    refuse(AnswerCode.INVALID_TERMS, () -> terms(1_000, 1_000, -1, 1));
    refuse(AnswerCode.INVALID_TERMS, () -> terms(1_000, 1_000, 1, 0));
    refuse(AnswerCode.INVALID_TERMS, () -> terms(1_000, 1_000, 1, -1));
    refuse(AnswerCode.INVALID_TERMS, () -> terms(1_000, 1_000, 1, 500_000_000));
    refuse(AnswerCode.INVALID_TERMS, () -> terms(1_000, 1_001, 1, 1));
    refuse(AnswerCode.INVALID_TERMS, () -> terms(MAX_MONEY + 1, 1_000, 1, 1));
    refuse(AnswerCode.INVALID_TERMS, () -> terms(-1, -1, 1, 1));
    refuse(AnswerCode.INVALID_TERMS, () -> terms(1_000, -1, 1, 1));
    refuse(AnswerCode.DUST, () -> terms(329, 329, 1, 1));
    refuse(AnswerCode.DUST, () -> terms(330, 293, 1, 1));
  }

  private Terms terms(long value, long payout, int odds, int refundHeight) {
    PublicKey key = samples.key().publicKey();
    Outpoint outpoint = samples.outpoint();
    return new Terms(0, outpoint, value, payout, odds, refundHeight, key, key);
  }

  @Test
  void shouldHoldTheRangesOfDeposits() {
    accept(() -> deposit(330, 1, 1));
    accept(() -> deposit(MAX_MONEY, 499_999_999, MAX_MONEY - 1));
    refuse(AnswerCode.BAD_DEPOSIT, () -> deposit(329, 1, 1));
    refuse(AnswerCode.BAD_DEPOSIT, () -> deposit(MAX_MONEY + 1, 1, 1));
    refuse(AnswerCode.BAD_DEPOSIT, () -> deposit(330, 0, 1));
    refuse(AnswerCode.BAD_DEPOSIT, () -> deposit(330, 500_000_000, 1));
    refuse(AnswerCode.BAD_DEPOSIT, () -> deposit(330, 1, 0));
    refuse(AnswerCode.BAD_DEPOSIT, () -> deposit(330, 1, 330));
    refuse(AnswerCode.BAD_DEPOSIT, () -> deposit(330, 1, -1));
  }

  private Deposit deposit(long value, int height, long fee) {
    CompactSignature signature = samples.key().sign(samples.bytes32());
    return new Deposit(samples.outpoint(), value, height, fee, signature);
  }

  @Test
  void shouldRefuseTheEscrowAsItsOwnDeposit() {
    Registration registration = samples.registration(true);
    Terms terms = registration.terms();
    Deposit other = registration.deposit().orElseThrow();
    Deposit same =
        new Deposit(
            terms.outpoint(),
            other.value(),
            other.refundHeight(),
            other.burnFee(),
            other.sigBurn());
    refuse(
        AnswerCode.BAD_DEPOSIT,
        () -> new Registration(terms, Optional.of(same), registration.sigTerms()));
  }

  /** The flyweight objects with the very code that decoding throws, whatever bytes are changed. */
  @Test
  void shouldJudgeRegistrationBytesAsDecodingDoes() {
    RegistrationView view = new RegistrationView();
    int refused = 0;
    for (int round = 0; round < 4000; round++) {
      byte[] bytes = samples.registration(round % 2 == 1).encode();
      spoil(bytes, round);
      int expected = 0;
      try {
        Registration.decode(bytes);
      } catch (ProtocolException e) {
        expected = e.code().number();
        refused++;
      }
      byte[] shifted = new byte[bytes.length + 5];
      System.arraycopy(bytes, 0, shifted, 5, bytes.length);
      assertEquals(expected, view.wrap(shifted, 5, bytes.length).checkWellFormed());
    }
    assertTrue(refused > 500, "only " + refused + " of the changed ones were refused");
    byte[] one = samples.registration(true).encode();
    int malformed = AnswerCode.MALFORMED.number();
    for (int length : new int[] {0, 194, 196, 314}) {
      assertEquals(malformed, view.wrap(one, 0, length).checkWellFormed());
    }
  }

  /** Up to three fields set to extremes, or the escrow made its own deposit. */
  private void spoil(byte[] bytes, int round) {
    int[] fields = {40, 48, 56, 60, 64, 97, 130, 131, 167, 175, 179, 187, 219, bytes.length - 32};
    for (int i = round % 4; i > 0; i--) {
      int at = fields[random.nextInt(fields.length)] + random.nextInt(9);
      for (int length = random.nextInt(33); length > 0 && at < bytes.length; length--) {
        bytes[at++] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt(4));
      }
    }
    if (bytes.length == Registration.MAX_LENGTH && random.nextInt(8) == 0) {
      System.arraycopy(bytes, 4, bytes, 131, Outpoint.LENGTH);
    }
  }

  @Test
  void shouldRefuseUnknownRegistrationFlags() {
    for (boolean withDeposit : new boolean[] {false, true}) {
      byte[] bytes = samples.registration(withDeposit).encode();
      for (int flags = 0; flags < 256; flags++) {
        bytes[130] = (byte) flags;
        if (flags != (withDeposit ? 1 : 0)) {
          refuse(AnswerCode.MALFORMED, () -> Registration.decode(bytes));
        }
      }
    }
  }

  @Test
  void shouldRefuseDustByScriptType() {
    for (ScriptType type : ScriptType.values()) {
      accept(() -> claim(type, type.dust()));
      if (type.dust() > 294) {
        refuse(AnswerCode.DUST, () -> claim(type, type.dust() - 1));
      }
    }
  }

  private Claim claim(ScriptType type, long payout) {
    Claim claim = samples.winner().claim();
    return new Claim(
        terms(Math.max(330, payout), payout, 1, 1),
        claim.commitment(),
        claim.opening(),
        claim.r2(),
        claim.expiry(),
        samples.payoutScript(type),
        claim.sigTicket(),
        claim.sigSpend());
  }

  @Test
  void shouldRefuseAnExpiryBeyond32Bits() {
    Ticket ticket = samples.winner().claim().ticket();
    accept(() -> withExpiry(ticket, 0));
    accept(() -> withExpiry(ticket, 0xFFFF_FFFFL));
    refuse(AnswerCode.MALFORMED, () -> withExpiry(ticket, 0x1_0000_0000L));
    refuse(AnswerCode.MALFORMED, () -> withExpiry(ticket, -1));
  }

  private static Ticket withExpiry(Ticket t, long expiry) {
    return new Ticket(
        t.termsDigest(),
        t.commitment(),
        t.r2(),
        expiry,
        t.payoutScript(),
        t.sigTicket(),
        t.sigSpend());
  }

  @Test
  void shouldHoldTheRangesOfSignatures() {
    BigInteger half = N.shiftRight(1);
    BigInteger one = BigInteger.ONE;
    assertCanonical(true, one, one);
    assertCanonical(true, N.subtract(one), half);
    assertCanonical(false, N, one);
    assertCanonical(false, N.add(one), one);
    assertCanonical(false, BigInteger.TWO.pow(256).subtract(one), one);
    assertCanonical(false, BigInteger.ZERO, one);
    assertCanonical(false, one, BigInteger.ZERO);
    assertCanonical(false, one, half.add(one));
    assertCanonical(false, one, N.subtract(one));
    assertCanonical(false, one, N);
    for (int i = 0; i < 10_000; i++) {
      BigInteger r = near(random.nextBoolean() ? N : BigInteger.ZERO);
      BigInteger s = near(random.nextBoolean() ? half : BigInteger.ZERO);
      boolean canonical =
          r.signum() > 0 && r.compareTo(N) < 0 && s.signum() > 0 && s.compareTo(half) <= 0;
      assertCanonical(canonical, r, s);
    }
  }

  /** A number that differs from {@code middle} in a random range of low bits. */
  private BigInteger near(BigInteger middle) {
    BigInteger difference = new BigInteger(random.nextInt(256), random);
    BigInteger number = random.nextBoolean() ? middle.add(difference) : middle.subtract(difference);
    return number.mod(BigInteger.TWO.pow(256));
  }

  private static void assertCanonical(boolean expected, BigInteger r, BigInteger s) {
    byte[] bytes = new byte[67];
    System.arraycopy(bigEndian(r), 0, bytes, 3, 32);
    System.arraycopy(bigEndian(s), 0, bytes, 35, 32);
    assertEquals(expected, SignatureForm.isCanonical(bytes, 3), () -> r + " " + s);
  }

  private static byte[] bigEndian(BigInteger number) {
    return HexFormat.of().parseHex("%064x".formatted(number));
  }

  @Test
  void shouldHoldTheFormOfKeys() {
    for (int prefix = 0; prefix < 256; prefix++) {
      assertEquals(prefix == 2 || prefix == 3, isKey(prefix, BigInteger.ONE));
    }
    assertTrue(isKey(2, P.subtract(BigInteger.ONE)));
    assertFalse(isKey(2, P));
    assertFalse(isKey(3, P.add(BigInteger.ONE)));
    assertFalse(isKey(3, BigInteger.TWO.pow(256).subtract(BigInteger.ONE)));
    for (int i = 0; i < 10_000; i++) {
      BigInteger x = near(P);
      assertEquals(x.compareTo(P) < 0, isKey(2, x));
    }
  }

  private static boolean isKey(int prefix, BigInteger x) {
    byte[] bytes = new byte[40];
    bytes[5] = (byte) prefix;
    System.arraycopy(bigEndian(x), 0, bytes, 6, 32);
    return PublicKey.isWellFormed(bytes, 5);
  }

  @Test
  void shouldSignGrantsAndNothingElse() {
    CompactSignature signature = samples.key().sign(samples.bytes32());
    Bytes32 id = samples.bytes32();
    accept(() -> new Receipt(id, AnswerCode.GRANTED, 1, Optional.of(signature)));
    accept(() -> new Receipt(id, AnswerCode.DOUBLE_SPEND, 1, Optional.empty()));
    for (AnswerCode code : AnswerCode.values()) {
      boolean granted = code == AnswerCode.GRANTED;
      long position = granted || code == AnswerCode.DOUBLE_SPEND ? 1 : 0;
      Optional<CompactSignature> wrong = granted ? Optional.empty() : Optional.of(signature);
      refuse(AnswerCode.MALFORMED, () -> new Receipt(id, code, position, wrong));
      Optional<CompactSignature> right = granted ? Optional.of(signature) : Optional.empty();
      refuse(AnswerCode.MALFORMED, () -> new Receipt(id, code, 1 - position, right));
      accept(() -> new Receipt(id, code, position, right));
    }
  }

  @Test
  void shouldKnowEveryAnswerByItsNumber() {
    int known = 0;
    for (int number = -1; number <= 0x1_0000; number++) {
      if (AnswerCode.isKnown(number)) {
        assertEquals(number, AnswerCode.ofNumber(number).number());
        known++;
      } else {
        int unknown = number;
        refuse(AnswerCode.MALFORMED, () -> AnswerCode.ofNumber(unknown));
      }
    }
    assertEquals(AnswerCode.values().length, known);
  }

  @Test
  void shouldKeepSecretsOutOfTexts() {
    Samples.Winner winner = samples.winner();
    Opening opening = winner.claim().opening();
    for (Object object : new Object[] {opening, opening.r1(), winner.claim()}) {
      assertFalse(object.toString().contains(opening.r1().toHex()));
      assertFalse(object.toString().contains(opening.s().toHex()));
    }
    assertFalse(FastOpenings.of(samples.bytes(32)).toString().matches(".*[0-9a-f]{8}.*"));
  }

  private static void accept(Executable executable) {
    assertDoesNotThrow(executable);
  }

  private static void refuse(AnswerCode code, Executable executable) {
    assertEquals(code, assertThrows(ProtocolException.class, executable).code());
  }
}
