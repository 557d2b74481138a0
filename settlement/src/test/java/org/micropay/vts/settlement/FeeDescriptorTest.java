package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fr.acinq.bitcoin.Descriptor;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.Address;
import org.micropay.vts.ticket.Network;

/** Descriptors of the BIPs, and what is refused. */
class FeeDescriptorTest {
  // BIP 84's test vector: account 0 of "abandon ... about".
  private static final String ACCOUNT =
      "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4"
          + "ZeZXYVUhLv1VMrjPC7PW6V";
  private static final String BODY = "wpkh([73c5da0a/84h/0h/0h]" + ACCOUNT + "/0/*)";

  private static String summed(String body) {
    return body + "#" + Descriptor.checksum(body);
  }

  @Test
  void shouldDeriveTheAddressesOfBip84() {
    FeeDescriptor descriptor = FeeDescriptor.parse(summed(BODY), Network.MAINNET);
    assertTrue(descriptor.isRanged());
    assertEquals("73c5da0a", descriptor.fingerprint());
    assertEquals(
        "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
        Address.encode(Network.MAINNET, descriptor.script(0)));
    assertEquals(
        "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g",
        Address.encode(Network.MAINNET, descriptor.script(1)));
    assertEquals("m/84'/0'/0'/0/1", descriptor.derivation(1).keyPath.toString());
    assertEquals(descriptor, FeeDescriptor.parse(descriptor.toString(), Network.MAINNET));
    assertEquals(descriptor.script(1), descriptor.at(1).script(0));
  }

  @Test
  void shouldTakeTheVectorOfBip382() {
    String key = "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9";
    FeeDescriptor descriptor = FeeDescriptor.parse(summed("wpkh(" + key + ")"), Network.REGTEST);
    assertArrayEquals(
        HexFormat.of().parseHex("00147dd65592d0ab2fe0d0257d571abf032cd9db93dc"),
        descriptor.script(0).toArray());
    assertEquals("wpkh(" + key + ")#8zl0zxma", descriptor.toString());
  }

  @Test
  void shouldSayWhatIsWrong() {
    assertRefused("no checksum", BODY);
    assertRefused("checksum", BODY + "#aaaaaaaa");
    assertRefused("checksum", summed(BODY).replace("/0/*", "/1/*"));
    assertRefused("not wpkh", summed("tr(" + ACCOUNT + ")"));
    assertRefused("not wpkh", summed("sh(wpkh(" + ACCOUNT + "))"));
    assertRefused("not wpkh", summed("wpkh()"));
    assertRefused("path", summed("wpkh(" + ACCOUNT + "/0h/*)"));
    assertRefused("path", summed("wpkh(" + ACCOUNT + "/<0;1>/*)"));
    assertRefused("path", summed("wpkh(" + ACCOUNT + "/*/0)"));
    assertRefused("2^31", summed("wpkh(" + ACCOUNT + "/2147483648)"));
    assertRefused("no descriptor has", "wpkh(\u00e9)#aaaaaaaa");
    assertRefused("cannot be used", summed("wpkh(" + ACCOUNT.replace('6', '7') + ")"));
    assertRefused("cannot be used", summed("wpkh(02" + "00".repeat(31) + ")"));
    assertThrows(
        IllegalArgumentException.class,
        () -> FeeDescriptor.parse(summed(BODY), Network.REGTEST),
        "an xpub is not regtest's");
    assertThrows(
        IllegalArgumentException.class,
        () -> FeeDescriptor.ofKey(Escrows.FEE.publicKey()).script(1));
  }

  private static void assertRefused(String word, String text) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> FeeDescriptor.parse(text, Network.MAINNET), text);
    assertTrue(refused.getMessage().contains(word), refused.getMessage());
    assertTrue(refused.getMessage().lines().count() == 1, refused.getMessage());
  }
}
