package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.secp256k1.SecretKey;

/** Whatever is verified together, and by whom: every verdict is libsecp256k1's for the one. */
class TicketVerifierTest {
  private static final long SEED = Long.getLong("vts.seed", 20_261_123);
  private static final int KEYS = 12;
  private static final int BATCHES = 120;
  private static final int MOST = 40;
  private static final SecretKey[] SECRETS = new SecretKey[KEYS];

  private final Random random = new Random(SEED);

  /** A ticket as the verifier gets it; {@code spend} null when it is known to be valid. */
  private record Item(byte[] digest, byte[] spendDigest, byte[] ticket, byte[] spend, byte[] key) {
    boolean isTicketValid() {
      return Ecdsa.verify(digest, ticket, key);
    }

    boolean isSpendValid() {
      return spend == null || Ecdsa.verify(spendDigest, spend, key);
    }
  }

  @BeforeAll
  static void makeKeys() {
    for (int i = 0; i < KEYS; i++) {
      SECRETS[i] = SecretKey.generate();
    }
  }

  @AfterAll
  static void closeKeys() {
    for (SecretKey key : SECRETS) {
      key.close();
    }
  }

  private byte[] digest() {
    byte[] digest = new byte[Ecdsa.DIGEST_BYTES];
    random.nextBytes(digest);
    return digest;
  }

  private byte[] sign(SecretKey key, byte[] digest, boolean good) {
    byte[] signature = Ecdsa.sign(key, digest);
    if (!good) {
      signature[1 + random.nextInt(31)] ^= (byte) (1 << random.nextInt(8));
    }
    return signature;
  }

  private Item item(boolean pair) {
    SecretKey key = SECRETS[random.nextInt(KEYS)];
    byte[] digest = digest();
    byte[] spendDigest = digest();
    boolean good = random.nextInt(6) > 0;
    boolean goodSpend = random.nextInt(6) > 0;
    return new Item(
        digest,
        spendDigest,
        sign(key, digest, good),
        pair ? sign(key, spendDigest, goodSpend) : null,
        key.publicKey());
  }

  private void check(TicketVerifier verifier, int tickets, int pairsOfTen) {
    Item[] items = new Item[tickets];
    verifier.clear();
    for (int i = 0; i < tickets; i++) {
      Item item = items[i] = item(random.nextInt(10) < pairsOfTen);
      if (item.spend == null) {
        verifier.add(item.digest, item.ticket, item.key);
      } else {
        verifier.add(item.digest, item.spendDigest, item.ticket, item.spend, item.key);
      }
    }
    verifier.verify();
    for (int i = 0; i < tickets; i++) {
      String which = "ticket %d of %d, seed %d".formatted(i, tickets, SEED);
      assertEquals(items[i].isTicketValid(), verifier.isTicketValid(i), which);
      assertEquals(items[i].isSpendValid(), verifier.isSpendValid(i), which);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {Kernels.AUTO, Kernels.SCALAR})
  void shouldGiveEverySignatureItsOwnVerdict(String kernel) {
    try (TicketVerifier verifier = new TicketVerifier(Kernels.select(kernel))) {
      for (int batch = 0; batch < BATCHES; batch++) {
        check(verifier, 1 + random.nextInt(MOST), random.nextInt(11));
      }
    }
  }

  @Test
  void shouldTakeAWholeBatchOfEitherKind() {
    try (TicketVerifier verifier = new TicketVerifier(Kernels.select(Kernels.AUTO))) {
      for (int pairsOfTen : new int[] {0, 10}) {
        check(verifier, TicketVerifier.CAPACITY, pairsOfTen);
      }
    }
  }
}
