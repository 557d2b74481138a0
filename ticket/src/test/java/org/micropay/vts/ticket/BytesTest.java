package org.micropay.vts.ticket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The small values that everything is made of. */
class BytesTest {
  private static final String ASCENDING =
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  private static final String DESCENDING =
      "1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100";

  private final Random random = Seed.random("BytesTest");
  private final Samples samples = new Samples(random);

  @Test
  void shouldPrintBothWays() {
    Bytes32 value = Bytes32.fromHex(ASCENDING);
    assertEquals(ASCENDING, value.toHex());
    assertEquals(DESCENDING, value.toReversedHex());
    assertEquals(value, Bytes32.fromReversedHex(DESCENDING));
    assertEquals(value, value.reversed().reversed());
    assertEquals(DESCENDING + ":4294967295", new Outpoint(value, -1).toString());
    assertEquals("000102030405060708090a0b0c0d0e0f", Bytes16.copyOf(value.toArray(), 0).toHex());
  }

  @Test
  void shouldCopyAndCompareAtOffsets() {
    for (int i = 0; i < 1_000; i++) {
      byte[] bytes = samples.bytes(50);
      int at = random.nextInt(19);
      Bytes32 value = Bytes32.copyOf(bytes, at);
      byte[] copy = new byte[50];
      value.copyTo(copy, at);
      assertTrue(value.equalsAt(bytes, at));
      assertEquals(value, Bytes32.copyOf(copy, at));
      assertArrayEquals(value.toArray(), Bytes32.fromHex(value.toHex()).toArray());
      bytes[at + random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
      assertFalse(value.equalsAt(bytes, at));
    }
  }

  @Test
  void shouldOrderAsUnsignedBytes() {
    for (int i = 0; i < 1_000; i++) {
      byte[] a = samples.bytes(32);
      byte[] b = a.clone();
      b[random.nextInt(32)] = (byte) random.nextInt();
      int expected = new BigInteger(1, a).compareTo(new BigInteger(1, b));
      assertEquals(expected, Bytes32.of(a).compareTo(Bytes32.of(b)));
      assertEquals(expected == 0, Bytes32.of(a).equals(Bytes32.of(b)));
    }
  }

  @Test
  void shouldRefuseOtherTexts() {
    for (String hex : new String[] {"", "0", "zz", ASCENDING + "00", ASCENDING.substring(2)}) {
      assertThrows(ProtocolException.class, () -> Bytes32.fromHex(hex));
    }
    assertThrows(ProtocolException.class, () -> PublicKey.fromHex("02"));
    assertThrows(ProtocolException.class, () -> CompactSignature.fromHex("02"));
    assertThrows(ProtocolException.class, () -> PayoutScript.fromHex("6a00"));
  }

  @Test
  void shouldFindNetworks() {
    for (Network network : Network.values()) {
      assertEquals(network, Network.ofMagic(network.magic()).orElseThrow());
      assertEquals(network, Network.ofId(network.id()));
    }
    assertTrue(Network.ofMagic(0).isEmpty());
    assertThrows(ProtocolException.class, () -> Network.ofId("testnet"));
    byte[] wire = new byte[4];
    Bytes.putIntLe(wire, 0, Network.REGTEST.magic());
    assertArrayEquals(Bytes.fromHex("fabfb5da"), wire);
  }

  /** Magics and prefixes that an independent implementation knows as well. */
  @Test
  void shouldKnowTheMagicsThatOthersKnow() {
    assertMagic(Network.MAINNET, org.bitcoinj.params.MainNetParams.get().getPacketMagic());
    assertMagic(Network.TESTNET3, org.bitcoinj.params.TestNet3Params.get().getPacketMagic());
    assertMagic(Network.SIGNET, org.bitcoinj.params.SigNetParams.get().getPacketMagic());
    assertMagic(Network.REGTEST, org.bitcoinj.params.RegTestParams.get().getPacketMagic());
  }

  private static void assertMagic(Network network, int bigEndian) {
    assertEquals(Integer.reverseBytes(bigEndian), network.magic());
  }
}
