package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;

/**
 * A whole server on a disk that others fill to the last byte: a small tmpfs of its own. Where
 * mounting is not permitted the folder's own disk is used, with a reserve just under what is free
 * there, and filled until the reserve is reached; what is left is then room that nobody asks for.
 */
class FullDiskTest {
  private static final int MIB = 1 << 20;
  private static final long GIB = 1L << 30;

  /** Holds the journal's first blocks, its ballast, and more than the reserve. */
  private static final String TMPFS = "size=512m";

  @TempDir static Path disk;
  private static boolean mounted;

  @BeforeAll
  static void mount() throws IOException, InterruptedException {
    mounted = run("mount", "-t", "tmpfs", "-o", TMPFS, "tmpfs", disk.toString());
  }

  @AfterAll
  static void unmount() throws IOException, InterruptedException {
    if (mounted) {
      assertTrue(run("umount", "-l", disk.toString()));
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } finally {
      process.destroyForcibly();
    }
  }

  private static TestServer start() throws IOException {
    Path config = TestServer.prepare(disk, "", "");
    if (!mounted) {
      // Two GiB either way are more than what else goes on on the disk meanwhile.
      String reserve = "reserve_megabytes = " + (usable() - 2 * GIB) / MIB;
      Files.writeString(
          config, Files.readString(config).replaceFirst("reserve_megabytes = \\d+", reserve));
    }
    return TestServer.startPrepared(disk);
  }

  private static long usable() throws IOException {
    return Files.getFileStore(disk).getUsableSpace();
  }

  /**
   * Takes all there is; of a disk that is not the test's own, as much as leads below the reserve.
   */
  private static void fill(Path file) throws IOException, InterruptedException {
    if (mounted) {
      fillToTheLastByte(file);
    } else {
      assertTrue(run("fallocate", "--length", "4GiB", file.toString()), "no 4 GiB free");
    }
  }

  private static void fillToTheLastByte(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer zeros = ByteBuffer.allocateDirect(MIB);
      while (true) {
        channel.write(zeros.clear());
      }
    } catch (IOException full) {
      assertEquals(0, usable() / MIB, full.toString());
    }
  }

  @Test
  void shouldRefuseClaimsOnAFullDiskAndGoOnWithEverythingElse()
      throws IOException, InterruptedException {
    try (TestServer server = start()) {
      List<TestEscrow> escrows = server.escrows(6);
      Claim first = escrows.getFirst().winner();
      ClaimReply granted = server.http().claim(first);
      assertEquals(AnswerCode.GRANTED, granted.code(), granted.toString());
      Path filler = disk.resolve("filler");
      fill(filler);

      // The space is looked at behind each sync: one of these goes into space that is had already.
      Claim refused = null;
      for (int i = 1; i < escrows.size() && refused == null; i++) {
        Claim claim = escrows.get(i).winner();
        ClaimReply reply = server.http().claim(claim);
        if (reply.code() == AnswerCode.DISK_RESERVE) {
          refused = claim;
        } else {
          assertEquals(AnswerCode.GRANTED, reply.code(), reply.toString());
        }
      }
      assertTrue(refused != null, "claims were granted on a full disk");
      assertEquals(AnswerCode.DISK_RESERVE, server.http().claim(refused).code());

      // What was granted is answered as before; status and audit go on.
      ClaimReply again = server.http().claim(first);
      assertEquals(AnswerCode.GRANTED, again.code());
      assertEquals(granted.position(), again.position());
      assertTrue(server.server().status().journal().belowReserve());
      assertEquals(List.of("DISK_RESERVE"), server.server().readiness().codes());
      assertTrue(
          server.http().get("/v1/status").body().path("journal").path("belowReserve").asBoolean());
      assertEquals(200, server.http().get("/v1/claims/" + first.id().toHex()).status());
      CommandRun audit = CommandRun.of("audit", disk.resolve("journal").toString());
      assertEquals(0, audit.exit(), audit.out() + audit.err());

      // With room again, the next record that is synced opens the way.
      Files.delete(filler);
      server.mine(1);
      Poll.until("there is room", () -> server.server().readiness().ready());
      assertEquals(AnswerCode.GRANTED, server.http().claim(refused).code());
      server.restart();
      assertEquals(AnswerCode.GRANTED, server.http().claim(refused).code());
    }
  }
}
