package org.micropay.vts.appliance.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.RawStream;
import org.micropay.vts.appliance.testing.RawStream.Frame;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.merchant.ClaimStreamClient;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Network;

/**
 * What one client can take of the server: so much in flight, so many connections, so much memory.
 */
class StreamLimitsTest {
  private static final int MAX_IN_FLIGHT = 16;
  private static final int MAX_CONNECTIONS = 12;
  private static final int FLOOD_BYTES = 64 << 20;
  private static final int QUIET_ROUNDS = 200;

  @TempDir static Path directory;
  private static TestServer server;
  private static RawStream silent;
  private static byte[] granted;
  private static byte[] receipt;

  @BeforeAll
  static void start() throws IOException {
    server =
        TestServer.start(
            directory,
            "max_in_flight = " + MAX_IN_FLIGHT + "\nmax_connections = " + MAX_CONNECTIONS,
            "");
    // Says nothing at all, until its test looks what became of it.
    silent = RawStream.connect(server.streamAddress());
    granted = server.escrow().winner().encode();
    try (RawStream stream = RawStream.open(server.streamAddress())) {
      receipt = stream.claim(1, granted).receipt();
    }
  }

  @AfterAll
  static void stop() throws IOException {
    silent.close();
    server.close();
  }

  @Test
  void shouldSayTheLimitAndRefuseWhatIsAboveIt() throws IOException {
    int claims = 2_000;
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < claims; i++) {
      all.writeBytes(ClaimStreamClient.request(i, granted));
    }
    try (RawStream stream = RawStream.connect(server.streamAddress())) {
      Frame welcome = stream.greet();
      assertEquals(MAX_IN_FLIGHT, welcome.bytes().getInt(8 + 2 + 4 + 33));
      Thread sender = Thread.startVirtualThread(() -> sendQuietly(stream, all.toByteArray()));
      Set<Long> answered = new HashSet<>();
      int refused = 0;
      for (int i = 0; i < claims; i++) {
        Frame reply = stream.read();
        assertTrue(answered.add(reply.correlationId()), "one reply each");
        if (reply.code() == AnswerCode.TOO_MANY_IN_FLIGHT) {
          assertTrue(reply.retryAfterMillis() > 0);
          assertEquals(0, reply.position());
          refused++;
        } else {
          assertArrayEquals(receipt, reply.receipt());
        }
      }
      assertTrue(refused > 0, "2000 claims in one write are more than 16 in flight");
      assertTrue(refused < claims, "those within the limit are served");
      assertArrayEquals(receipt, stream.claim(7, granted).receipt());
      sender.interrupt();
    }
  }

  private static void sendQuietly(RawStream stream, byte[] bytes) {
    try {
      stream.send(bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A client within its limit is never refused, however its answers are cut into packets. */
  @Test
  void shouldNeverRefuseAClientThatKeepsToTheLimit() throws IOException {
    try (RawStream stream = RawStream.open(server.streamAddress())) {
      for (int i = 0; i < MAX_IN_FLIGHT; i++) {
        stream.send(ClaimStreamClient.request(i, granted));
      }
      for (int i = MAX_IN_FLIGHT; i < 1_000; i++) {
        assertArrayEquals(receipt, stream.read().receipt());
        stream.send(ClaimStreamClient.request(i, granted));
      }
    }
  }

  @Test
  void shouldNotReadFromAClientThatDoesNotReadAndServeTheOthers() throws IOException {
    byte[] request = ClaimStreamClient.request(5, granted);
    ByteBuffer requests = ByteBuffer.allocate(request.length * 1_000);
    for (int i = 0; i < 1_000; i++) {
      requests.put(request);
    }
    try (SocketChannel stuck = SocketChannel.open(server.streamAddress());
        RawStream other = RawStream.open(server.streamAddress())) {
      stuck.write(ByteBuffer.wrap(ClaimStreamClient.hello(Network.REGTEST)));
      stuck.configureBlocking(false);
      requests.flip();
      long written = 0;
      int quiet = 0;
      // As long as the server takes more, and then while 200 claims of another client are served.
      while (quiet < QUIET_ROUNDS) {
        if (!requests.hasRemaining()) {
          requests.rewind();
        }
        int taken = stuck.write(requests);
        written += taken;
        quiet = taken > 0 ? 0 : quiet + 1;
        assertTrue(written < FLOOD_BYTES, "the server reads on and keeps all the answers");
        assertArrayEquals(receipt, other.claim(written, granted).receipt());
      }
      // Once it reads, everything is answered; the rest of the last frame is still to come.
      stuck.configureBlocking(true);
      int rest = (int) (written % request.length);
      long expected = (written + request.length - 1) / request.length;
      RawStream reader = RawStream.over(stuck.socket());
      assertEquals(RawStream.WELCOME, reader.read().template());
      // Beside the reading: the server takes nothing more until its answers are read.
      ByteBuffer remainder = ByteBuffer.wrap(request, rest, rest == 0 ? 0 : request.length - rest);
      Thread.startVirtualThread(() -> writeQuietly(stuck, remainder));
      for (long i = 0; i < expected; i++) {
        Frame reply = reader.read();
        assertEquals(5, reply.correlationId());
        assertTrue(
            reply.code() == AnswerCode.GRANTED || reply.code() == AnswerCode.TOO_MANY_IN_FLIGHT);
      }
    }
  }

  private static void writeQuietly(SocketChannel channel, ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void shouldCloseAConnectionAboveTheLimitAndTakeTheNextOnceThereIsRoom() throws IOException {
    Poll.until("others are gone", StreamLimitsTest::hasRoom);
    List<RawStream> open = new ArrayList<>();
    try {
      RawStream refused = null;
      while (refused == null) {
        assertTrue(open.size() <= MAX_CONNECTIONS, "more connections than allowed");
        RawStream next = RawStream.connect(server.streamAddress());
        if (welcomed(next)) {
          open.add(next);
        } else {
          refused = next;
        }
      }
      assertTrue(open.size() >= MAX_CONNECTIONS - 1, "the limit is not below what is configured");
      for (RawStream stream : open) {
        assertArrayEquals(receipt, stream.claim(1, granted).receipt());
      }
      open.removeLast().close();
      Poll.until("a place is free again", StreamLimitsTest::hasRoom);
    } finally {
      for (RawStream stream : open) {
        stream.close();
      }
    }
  }

  private static boolean hasRoom() {
    try (RawStream stream = RawStream.connect(server.streamAddress())) {
      return welcomed(stream);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean welcomed(RawStream stream) {
    try {
      stream.greet();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void shouldCloseAConnectionThatNeverSaysHello() throws IOException {
    silent.readEnd();
  }
}
