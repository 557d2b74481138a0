package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretKeyTest {
  @TempDir Path directory;

  @Test
  void shouldRoundTripThroughAPrivateFile() throws Exception {
    Path file = directory.resolve("vts.key");
    try (SecretKey key = SecretKey.generate()) {
      key.writeTo(file);
      assertEquals(32, Files.size(file));
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      try (SecretKey read = SecretKey.fromFile(file)) {
        assertArrayEquals(key.publicKey(), read.publicKey());
      }
    }
    try (Stream<Path> entries = Files.list(directory)) {
      assertEquals(List.of(file), entries.toList(), "no partial file is left");
    }
  }

  @Test
  void shouldNotOverwriteAKeyFile() throws Exception {
    Path file = directory.resolve("vts.key");
    try (SecretKey first = SecretKey.generate();
        SecretKey second = SecretKey.generate()) {
      first.writeTo(file);
      IOException refused = assertThrows(IOException.class, () -> second.writeTo(file));
      assertTrue(refused.getMessage().contains("exists already"), refused.getMessage());
      try (SecretKey read = SecretKey.fromFile(file)) {
        assertArrayEquals(first.publicKey(), read.publicKey());
      }
    }
  }

  @Test
  void shouldRefuseFilesThatOthersMayAccess() throws Exception {
    Path file = directory.resolve("vts.key");
    try (SecretKey key = SecretKey.generate()) {
      key.writeTo(file);
    }
    for (String permissions : List.of("rw-r-----", "rw----r--", "rw--w----", "rwx-----x")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
      IOException refused = assertThrows(IOException.class, () -> SecretKey.fromFile(file));
      assertTrue(refused.getMessage().contains("chmod 600"), refused.getMessage());
      assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    SecretKey.fromFile(file).close();
  }

  @Test
  void shouldRefuseFilesThatHoldNoKey() throws Exception {
    for (int length : new int[] {0, 31, 33, 64}) {
      refuseContent(new byte[length], "32 raw bytes");
    }
    refuseContent(new byte[32], "no valid key");
    refuseContent(Reference.bytes(Reference.N), "no valid key");
    byte[] ones = new byte[32];
    Arrays.fill(ones, (byte) 0xff);
    refuseContent(ones, "no valid key");
    IOException missing =
        assertThrows(IOException.class, () -> SecretKey.fromFile(directory.resolve("none")));
    assertTrue(missing.getMessage().contains("does not exist"), missing.getMessage());
  }

  private void refuseContent(byte[] content, String reason) throws IOException {
    Path file = directory.resolve("bad-" + System.nanoTime());
    Files.write(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    IOException refused = assertThrows(IOException.class, () -> SecretKey.fromFile(file));
    assertTrue(refused.getMessage().contains(reason), refused.getMessage());
    assertFalse(refused.getMessage().contains("ffffffff"), refused.getMessage());
  }

  @Test
  void shouldDeriveThePublicKeyLikeTheReference() {
    BigInteger secret = new BigInteger(1, Seed.bytes(Seed.random(), 32)).mod(Reference.N);
    try (SecretKey key = SecretKey.moveFrom(Reference.bytes(secret))) {
      assertArrayEquals(Reference.publicKey(secret), key.publicKey());
    }
  }

  @Test
  void shouldOverwriteTheArrayThatAKeyIsMovedFrom() {
    byte[] good = Reference.bytes(BigInteger.TEN);
    SecretKey.moveFrom(good).close();
    assertArrayEquals(new byte[32], good);
    byte[] bad = Reference.bytes(Reference.N);
    assertThrows(IllegalArgumentException.class, () -> SecretKey.moveFrom(bad));
    assertArrayEquals(new byte[32], bad);
    assertThrows(IllegalArgumentException.class, () -> SecretKey.moveFrom(new byte[31]));
  }

  @Test
  void shouldDeriveDistinctKeysReproducibly() throws Exception {
    byte[] seed = Seed.bytes(Seed.random(), 32);
    Set<String> seen = new HashSet<>();
    try (SecretKey parent = SecretKey.moveFrom(seed.clone())) {
      for (long index = 0; index < 100; index++) {
        try (SecretKey child = parent.derive(index);
            SecretKey again = parent.derive(index)) {
          assertArrayEquals(child.publicKey(), again.publicKey());
          assertTrue(seen.add(child.toString()));
        }
      }
      var sha = java.security.MessageDigest.getInstance("SHA-256");
      byte[] tag = sha.digest("vts/key/1".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      sha.update(tag);
      sha.update(tag);
      sha.update(seed);
      byte[] expected = sha.digest(new byte[] {2, 1, 0, 0, 0, 0, 0, 0});
      try (SecretKey child = parent.derive(0x102)) {
        assertArrayEquals(Reference.publicKey(new BigInteger(1, expected)), child.publicKey());
      }
    }
  }

  @Test
  void shouldShowNoSecret() {
    byte[] secret = Seed.bytes(Seed.random(), 32);
    String hex = HexFormat.of().formatHex(secret);
    SecretKey key = SecretKey.moveFrom(secret);
    String shown = key.toString();
    assertFalse(shown.contains(hex.substring(0, 16)), shown);
    assertTrue(shown.contains(HexFormat.of().formatHex(key.publicKey())), shown);
    key.close();
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> Ecdsa.sign(key, new byte[32]));
    assertFalse(String.valueOf(refused.getMessage()).contains(hex.substring(0, 16)));
    assertEquals(shown, key.toString());
  }

  @Test
  @SuppressWarnings("restricted")
  void shouldOverwriteMemoryOnClose() {
    SecretKey key = SecretKey.generate();
    MemorySegment raw = MemorySegment.ofAddress(key.segment().address()).reinterpret(32);
    assertNotEquals(-1, raw.mismatch(MemorySegment.ofArray(new byte[32])), "holds the key");
    key.close();
    key.close();
    assertArrayEquals(new byte[32], raw.toArray(ValueLayout.JAVA_BYTE));
    assertThrows(IllegalStateException.class, () -> key.segment().get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void shouldLiveInMemoryThatIsLockedAndNotDumped() throws Exception {
    try (SecretKey key = SecretKey.generate()) {
      String flags = vmFlags(key.segment().address());
      for (String flag : List.of("lo", "dd", "wf")) {
        assertTrue(flags.contains(" " + flag), "locked, no dump, wipe on fork: " + flags);
      }
    }
  }

  private static String vmFlags(long address) throws IOException {
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      if (line.matches("^[0-9a-f]+-[0-9a-f]+ .*")) {
        String[] range = line.substring(0, line.indexOf(' ')).split("-");
        inside =
            Long.compareUnsigned(Long.parseUnsignedLong(range[0], 16), address) <= 0
                && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0;
      } else if (inside && line.startsWith("VmFlags:")) {
        return line;
      }
    }
    throw new AssertionError("address is not mapped");
  }

  @Test
  void shouldShareLockedPagesAmongManyKeys() {
    SecretKey[] keys = new SecretKey[200];
    Set<Long> pages = new HashSet<>();
    for (int i = 0; i < keys.length; i++) {
      keys[i] = SecretKey.generate();
      pages.add(keys[i].segment().address() >>> 12);
    }
    assertTrue(pages.size() <= 8, pages.size() + " pages");
    for (SecretKey key : keys) {
      key.close();
    }
  }
}
