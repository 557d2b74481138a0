package org.micropay.vts.ticket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every decoder on random, damaged, shortened and lengthened input: it gives the value back, or a
 * {@link ProtocolException}, and what it accepts encodes to the very bytes it read.
 */
class DecoderTest {
  private static final Random RANDOM = Seed.random("DecoderTest");
  private static final Samples SAMPLES = new Samples(RANDOM);
  private static final int ROUNDS = 200;
  private static final int MUTATIONS = 100;

  /** One message type with its two binary and two text directions. */
  record Codec<T>(
      String name,
      Supplier<T> sample,
      Function<T, byte[]> encode,
      Function<byte[], T> decode,
      Function<T, String> toText,
      Function<String, T> fromText) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Codec<?>> codecs() {
    return List.of(
        new Codec<>(
            "terms",
            SAMPLES::terms,
            Terms::encode,
            Terms::decode,
            Terms::toBase64Url,
            Terms::fromBase64Url),
        new Codec<>(
            "ask",
            () -> new Ask(SAMPLES.bytes32(), SAMPLES.payoutScript()),
            Ask::encode,
            Ask::decode,
            Ask::toBase64Url,
            Ask::fromBase64Url),
        new Codec<>(
            "ticket",
            () -> SAMPLES.winner().claim().ticket(),
            Ticket::encode,
            Ticket::decode,
            Ticket::toBase64Url,
            Ticket::fromBase64Url),
        new Codec<>(
            "claim",
            () -> SAMPLES.winner().claim(),
            Claim::encode,
            Claim::decode,
            Claim::toBase64Url,
            Claim::fromBase64Url),
        new Codec<>(
            "receipt",
            SAMPLES::receipt,
            Receipt::encode,
            Receipt::decode,
            Receipt::toBase64Url,
            Receipt::fromBase64Url),
        new Codec<>(
            "opening",
            () -> new Opening(SAMPLES.bytes16(), SAMPLES.bytes16()),
            Opening::encode,
            Opening::decode,
            Opening::toBase64Url,
            Opening::fromBase64Url),
        new Codec<>(
            "registration",
            () -> SAMPLES.registration(RANDOM.nextBoolean()),
            Registration::encode,
            Registration::decode,
            Registration::toBase64Url,
            Registration::fromBase64Url),
        new Codec<>(
            "deposit",
            () -> SAMPLES.deposit(SAMPLES.key(), SAMPLES.terms()),
            Deposit::encode,
            Deposit::decode,
            d -> Bytes.toBase64Url(d.encode()),
            t -> Deposit.decode(Bytes.fromBase64Url(t))),
        new Codec<>(
            "outpoint",
            SAMPLES::outpoint,
            Outpoint::encode,
            Outpoint::decode,
            o -> Bytes.toBase64Url(o.encode()),
            t -> Outpoint.decode(Bytes.fromBase64Url(t))));
  }

  @ParameterizedTest
  @MethodSource("codecs")
  <T> void shouldGiveBackWhatWasEncoded(Codec<T> codec) {
    for (int i = 0; i < ROUNDS; i++) {
      T value = codec.sample.get();
      byte[] bytes = codec.encode.apply(value);
      T decoded = codec.decode.apply(bytes);
      assertEquals(value, decoded);
      assertEquals(value.hashCode(), decoded.hashCode());
      assertArrayEquals(bytes, codec.encode.apply(decoded));
      assertEquals(value, codec.fromText.apply(codec.toText.apply(value)));
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  <T> void shouldRefuseEveryOtherLength(Codec<T> codec) {
    for (int i = 0; i < 20; i++) {
      byte[] bytes = codec.encode.apply(codec.sample.get());
      for (int length = 0; length < bytes.length + 40; length++) {
        if (length != bytes.length) {
          byte[] other = Arrays.copyOf(bytes, length);
          assertThrows(ProtocolException.class, () -> codec.decode.apply(other));
        }
      }
      assertThrows(ProtocolException.class, () -> codec.decode.apply(new byte[5_000]));
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  <T> void shouldSurviveDamage(Codec<T> codec) {
    for (int i = 0; i < ROUNDS; i++) {
      byte[] original = codec.encode.apply(codec.sample.get());
      for (int j = 0; j < MUTATIONS; j++) {
        byte[] bytes = damaged(original);
        try {
          assertArrayEquals(bytes, codec.encode.apply(codec.decode.apply(bytes)));
        } catch (ProtocolException expected) {
          assertFalse(expected.getMessage().isEmpty());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  <T> void shouldRefuseOtherSpellings(Codec<T> codec) {
    String text = codec.toText.apply(codec.sample.get());
    for (String other : List.of(text + "=", text + "A", text.substring(1), text + "\n", "*", "é")) {
      assertThrows(ProtocolException.class, () -> codec.fromText.apply(other), other);
    }
  }

  @Test
  void shouldRefuseStrayBitsInBase64() {
    assertArrayEquals(new byte[] {0}, Bytes.fromBase64Url("AA"));
    assertThrows(ProtocolException.class, () -> Bytes.fromBase64Url("AB"));
    assertThrows(ProtocolException.class, () -> Bytes.fromBase64Url("AA=="));
    assertThrows(ProtocolException.class, () -> Bytes.fromBase64Url("+/+/"));
  }

  /** Of all texts that end otherwise, the decoder takes those that encoding gives, and no other. */
  @Test
  void shouldTakeOneTextForEveryBytes() {
    String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+ ";
    for (int length = 0; length <= 12; length++) {
      byte[] bytes = new byte[length];
      RANDOM.nextBytes(bytes);
      String text = Bytes.toBase64Url(bytes);
      assertArrayEquals(bytes, Bytes.fromBase64Url(text));
      for (int cut = 0; cut <= Math.min(2, text.length()); cut++) {
        String begin = text.substring(0, text.length() - cut);
        for (char a : digits.toCharArray()) {
          assertTakenAsItIsMade(begin + a);
          for (char b : digits.toCharArray()) {
            assertTakenAsItIsMade(begin + a + b);
          }
        }
      }
    }
  }

  private static void assertTakenAsItIsMade(String text) {
    byte[] bytes;
    try {
      bytes = Bytes.fromBase64Url(text);
    } catch (ProtocolException e) {
      boolean made;
      try {
        made = Bytes.toBase64Url(Base64.getUrlDecoder().decode(text)).equals(text);
      } catch (IllegalArgumentException other) {
        made = false;
      }
      assertFalse(made, "refused: '" + text + "'");
      return;
    }
    assertEquals(text, Bytes.toBase64Url(bytes), "taken");
  }

  /** The flyweight must accept and refuse exactly what the value does, for the same reason. */
  @Test
  void shouldJudgeClaimsAlikeInPlaceAndAsValues() {
    ClaimView view = new ClaimView();
    int refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
      byte[] original = SAMPLES.winner().claim().encode();
      for (int j = 0; j < MUTATIONS; j++) {
        byte[] bytes = j == 0 ? original : damaged(original);
        int inPlace = view.wrap(bytes, 0, bytes.length).checkWellFormed();
        assertEquals(asValue(bytes), inPlace);
        refused += inPlace == 0 ? 0 : 1;
        if (inPlace == 0) {
          assertEquals(Claim.decode(bytes), view.toClaim());
        }
      }
    }
    assertTrue(refused > ROUNDS && refused < ROUNDS * MUTATIONS);
  }

  private static int asValue(byte[] bytes) {
    try {
      Claim.decode(bytes);
      return 0;
    } catch (ProtocolException e) {
      return e.code().number();
    }
  }

  /** A byte changed at random or to an extreme, or a stretch overwritten, or a length changed. */
  private static byte[] damaged(byte[] original) {
    byte[] bytes = original.clone();
    int at = RANDOM.nextInt(bytes.length);
    switch (RANDOM.nextInt(5)) {
      case 0 -> bytes[at] ^= (byte) (1 << RANDOM.nextInt(8));
      case 1 -> bytes[at] = (byte) (RANDOM.nextBoolean() ? 0 : 0xFF);
      case 2 ->
          Arrays.fill(
              bytes,
              at,
              Math.min(bytes.length, at + RANDOM.nextInt(70)),
              (byte) (RANDOM.nextBoolean() ? 0 : 0xFF));
      case 3 -> {
        byte[] noise = SAMPLES.bytes(Math.min(bytes.length - at, 1 + RANDOM.nextInt(8)));
        System.arraycopy(noise, 0, bytes, at, noise.length);
      }
      default -> {
        return Arrays.copyOf(bytes, RANDOM.nextInt(bytes.length + 20));
      }
    }
    return bytes;
  }
}
