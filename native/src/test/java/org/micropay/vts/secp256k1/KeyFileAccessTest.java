package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileAccessTest {
  private static final int USER_OBJ = 1;
  private static final int USER = 2;
  private static final int GROUP_OBJ = 4;
  private static final int GROUP = 8;
  private static final int MASK = 16;
  private static final int OTHER = 32;
  private static final int READ = 4;
  private static final int US = 1000;

  @TempDir Path directory;

  @Test
  void shouldAcceptAListThatNamesOnlyUs() {
    int[][] systemd = {
      {USER_OBJ, READ, -1}, {USER, READ, US}, {GROUP_OBJ, 0, -1}, {MASK, READ, -1}, {OTHER, 0, -1}
    };
    assertTrue(KeyFileAccess.isOnlyFor(US, list(2, systemd)));
    assertFalse(KeyFileAccess.isOnlyFor(US + 1, list(2, systemd)), "another user is named");
  }

  @Test
  void shouldRefuseAListThatNamesOthers() {
    assertFalse(KeyFileAccess.isOnlyFor(US, list(2, new int[] {USER, READ, US + 1})));
    assertFalse(KeyFileAccess.isOnlyFor(US, list(2, new int[] {GROUP_OBJ, READ, -1})));
    assertFalse(KeyFileAccess.isOnlyFor(US, list(2, new int[] {GROUP, READ, US})));
    assertFalse(KeyFileAccess.isOnlyFor(US, list(2, new int[] {OTHER, READ, -1})));
    assertFalse(KeyFileAccess.isOnlyFor(US, list(2, new int[] {64, READ, US})), "unknown tag");
  }

  @Test
  void shouldRefuseWhatIsNoList() {
    assertFalse(KeyFileAccess.isOnlyFor(US, new byte[0]));
    assertFalse(KeyFileAccess.isOnlyFor(US, new byte[3]));
    assertFalse(KeyFileAccess.isOnlyFor(US, list(1, new int[] {USER_OBJ, READ, -1})));
    byte[] cut = java.util.Arrays.copyOf(list(2, new int[] {USER_OBJ, READ, -1}), 11);
    assertFalse(KeyFileAccess.isOnlyFor(US, cut));
  }

  @Test
  void shouldFindNoListOnAPlainFile() throws Exception {
    Path file = Files.createFile(directory.resolve("plain"));
    assertEquals(0, Libc.accessControlList(file).length);
    assertEquals(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid"), Libc.effectiveUser(), "our user");
  }

  private static byte[] list(int version, int[]... entries) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 8 * entries.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(version);
    for (int[] entry : entries) {
      bytes.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]);
    }
    return bytes.array();
  }
}
