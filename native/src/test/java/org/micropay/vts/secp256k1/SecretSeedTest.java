package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretSeedTest {
  @TempDir Path directory;

  @Test
  void shouldComeBackFromItsFileAndShowNothing() throws IOException {
    Path file = directory.resolve("log.key");
    byte[] bytes;
    try (SecretSeed seed = SecretSeed.generate()) {
      seed.writeTo(file);
      bytes = seed.use(byte[]::clone);
      assertFalse(seed.toString().contains(HexFormat.of().formatHex(bytes)));
      assertThrows(IOException.class, () -> seed.writeTo(file), "never overwritten");
    }
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertArrayEquals(bytes, Files.readAllBytes(file));
    try (SecretSeed seed = SecretSeed.fromFile(file)) {
      assertArrayEquals(bytes, seed.use(byte[]::clone));
      byte[][] lent = new byte[1][];
      seed.use(copy -> lent[0] = copy);
      assertArrayEquals(new byte[32], lent[0], "the copy is overwritten");
    }
  }

  @Test
  void shouldRefuseFilesThatAreNone() throws IOException {
    Path missing = directory.resolve("missing");
    assertThrows(IOException.class, () -> SecretSeed.fromFile(missing));
    Path file = directory.resolve("log.key");
    Files.write(file, Arrays.copyOf(new byte[0], 31));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThrows(IOException.class, () -> SecretSeed.fromFile(file));
    Files.write(file, new byte[32]);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThrows(IOException.class, () -> SecretSeed.fromFile(file));
  }

  @Test
  void shouldBeUselessAfterClosing() {
    SecretSeed seed = SecretSeed.generate();
    seed.close();
    seed.close();
    assertThrows(IllegalStateException.class, () -> seed.use(byte[]::clone));
  }
}
