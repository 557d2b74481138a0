package org.micropay.vts.appliance.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.micropay.vts.appliance.testing.RawStream.CLAIM_REPLY;
import static org.micropay.vts.appliance.testing.RawStream.CLAIM_REQUEST;
import static org.micropay.vts.appliance.testing.RawStream.ERROR_REPLY;
import static org.micropay.vts.appliance.testing.RawStream.ESCROW_REPLY;
import static org.micropay.vts.appliance.testing.RawStream.ESCROW_REQUEST;
import static org.micropay.vts.appliance.testing.RawStream.HELLO;
import static org.micropay.vts.appliance.testing.RawStream.REGISTER_REPLY;
import static org.micropay.vts.appliance.testing.RawStream.REGISTER_REQUEST;
import static org.micropay.vts.appliance.testing.RawStream.WELCOME;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.HostileClaims;
import org.micropay.vts.appliance.testing.HostileClaims.Hostile;
import org.micropay.vts.appliance.testing.RawStream;
import org.micropay.vts.appliance.testing.RawStream.Frame;
import org.micropay.vts.appliance.testing.Seeds;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.merchant.ClaimStreamClient;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;

/**
 * What a hostile client may send on the claim stream: every time a stable code, no state change,
 * and the connection's other work unharmed. That other work is a claim that was granted before: its
 * repeats are answered with the same receipt and journal nothing.
 */
class StreamHostileInputTest {
  private static final int REGTEST = Network.REGTEST.magic();
  private static final long ID = 0x1122334455667788L;

  @TempDir static Path directory;
  private static TestServer server;
  private static TestEscrow live;
  private static byte[] granted;
  private static byte[] receipt;
  private static long mark;

  @BeforeAll
  static void start() throws IOException {
    server = TestServer.start(directory);
    List<TestEscrow> escrows = server.escrows(2);
    live = escrows.get(0);
    granted = escrows.get(1).winner().encode();
    try (RawStream stream = open()) {
      Frame reply = stream.claim(1, granted);
      assertEquals(AnswerCode.GRANTED, reply.code());
      receipt = reply.receipt();
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void remember() {
    mark = server.durable();
  }

  private static RawStream open() throws IOException {
    return RawStream.open(server.streamAddress());
  }

  private static void assertWorks(RawStream stream) throws IOException {
    assertArrayEquals(receipt, stream.claim(ID + 1, granted).receipt());
  }

  private static void assertError(Frame frame, AnswerCode code, long correlationId) {
    assertEquals(ERROR_REPLY, frame.template());
    assertEquals(code, frame.code(), frame.text());
    assertEquals(correlationId, frame.correlationId());
    assertEquals(0, frame.retryAfterMillis());
    assertTrue(frame.text().length() > 10, "an error says what was wrong: " + frame.text());
  }

  @Test
  void shouldRefuseEveryHostileClaimAndServeTheOthersBesideIt() throws IOException {
    List<Hostile> hostile = HostileClaims.all(live);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < hostile.size(); i++) {
      all.writeBytes(ClaimStreamClient.request(2L * i, granted));
      all.writeBytes(ClaimStreamClient.request(2L * i + 1, hostile.get(i).claim()));
    }
    all.writeBytes(ClaimStreamClient.request(2L * hostile.size(), granted));
    Map<Long, Frame> replies = new HashMap<>();
    try (RawStream stream = open()) {
      stream.send(all.toByteArray());
      for (int i = 0; i <= 2 * hostile.size(); i++) {
        Frame reply = stream.read();
        assertEquals(null, replies.put(reply.correlationId(), reply), "one reply each");
      }
    }
    for (int i = 0; i < hostile.size(); i++) {
      assertArrayEquals(receipt, replies.get(2L * i).receipt());
      Hostile one = hostile.get(i);
      Frame reply = replies.get(2L * i + 1);
      assertEquals(CLAIM_REPLY, reply.template(), one.name());
      assertEquals(one.code(), reply.code(), one.name());
      assertEquals(0, reply.position(), one.name());
      assertEquals(0, reply.retryAfterMillis(), one.name());
      assertArrayEquals(
          new byte[64], Arrays.copyOfRange(reply.receipt(), 42, 106), one + ": no signature");
    }
    assertArrayEquals(receipt, replies.get(2L * hostile.size()).receipt());
    server.assertNothingJournaledAfter(mark);
  }

  /** A frame whose length is right, and what it must be answered. */
  private record Wrong(String name, byte[] frame, AnswerCode code, long correlationId) {}

  private static List<Wrong> wrongFrames() {
    byte[] claimBody = RawStream.data(ID, granted.length, granted);
    List<Wrong> frames = new ArrayList<>();
    AnswerCode unsupported = AnswerCode.UNSUPPORTED_MESSAGE;
    for (int template : new int[] {0, 10, 19, 24, 99, 0x7FFF, 0xFFFF}) {
      frames.add(
          new Wrong(
              "template " + template,
              RawStream.frame(8, template, 1, 1, claimBody),
              unsupported,
              0));
    }
    frames.add(new Wrong("Welcome", RawStream.frame(WELCOME, new byte[59]), unsupported, 0));
    byte[] replyBlock = Arrays.copyOf(claimBody, 118);
    frames.add(new Wrong("ClaimReply", RawStream.frame(CLAIM_REPLY, replyBlock), unsupported, ID));
    frames.add(new Wrong("Terms", RawStream.frame(20, new byte[130]), unsupported, 0));
    frames.add(new Wrong("Receipt", RawStream.frame(23, new byte[106]), unsupported, 0));
    for (int other : new int[] {0, 2, 0xFFFF}) {
      frames.add(
          new Wrong(
              "schema " + other,
              RawStream.frame(8, CLAIM_REQUEST, other, 1, claimBody),
              unsupported,
              ID));
      frames.add(
          new Wrong(
              "version " + other,
              RawStream.frame(8, CLAIM_REQUEST, 1, other, claimBody),
              unsupported,
              ID));
    }
    AnswerCode malformed = AnswerCode.MALFORMED;
    for (int block : new int[] {0, 7, 9, 0xFFFF}) {
      frames.add(
          new Wrong(
              "block length " + block,
              RawStream.frame(block, CLAIM_REQUEST, 1, 1, claimBody),
              malformed,
              ID));
    }
    for (int length : new int[] {0, granted.length - 1, granted.length + 1, 0xFFFF}) {
      frames.add(
          new Wrong(
              "data length " + length,
              RawStream.frame(8, CLAIM_REQUEST, 1, 1, RawStream.data(ID, length, granted)),
              malformed,
              ID));
      frames.add(
          new Wrong(
              "registration length " + length,
              RawStream.frame(8, REGISTER_REQUEST, 1, 1, RawStream.data(ID, length, granted)),
              malformed,
              ID));
    }
    byte[] digest = Arrays.copyOf(RawStream.data(ID, 0, new byte[32]), 41);
    frames.add(
        new Wrong(
            "header alone", RawStream.frame(8, CLAIM_REQUEST, 1, 1, new byte[0]), malformed, 0));
    frames.add(
        new Wrong(
            "id without data",
            RawStream.frame(8, CLAIM_REQUEST, 1, 1, Arrays.copyOf(claimBody, 8)),
            malformed,
            ID));
    frames.add(
        new Wrong(
            "half a length of data",
            RawStream.frame(8, CLAIM_REQUEST, 1, 1, Arrays.copyOf(claimBody, 9)),
            malformed,
            ID));
    frames.add(
        new Wrong(
            "digest a byte short",
            RawStream.frame(40, ESCROW_REQUEST, 1, 1, Arrays.copyOf(digest, 39)),
            malformed,
            ID));
    frames.add(
        new Wrong(
            "digest a byte long",
            RawStream.frame(40, ESCROW_REQUEST, 1, 1, digest),
            malformed,
            ID));
    frames.add(
        new Wrong(
            "Hello a byte short", RawStream.frame(6, HELLO, 1, 1, new byte[5]), malformed, 0));
    frames.add(
        new Wrong(
            "the longest frame, all zero",
            RawStream.frame(0, 0, 0, 0, new byte[4088]),
            unsupported,
            0));
    return frames;
  }

  @Test
  void shouldAnswerWrongFramesOneByOneAndGoOn() throws IOException {
    try (RawStream stream = open()) {
      for (Wrong wrong : wrongFrames()) {
        stream.send(
            ClaimStreamClient.request(ID + 1, granted),
            wrong.frame(),
            ClaimStreamClient.request(ID + 2, granted));
        int errors = 0;
        for (int i = 0; i < 3; i++) {
          Frame reply = stream.read();
          if (reply.template() == ERROR_REPLY) {
            errors++;
            assertEquals(wrong.code(), reply.code(), wrong.name());
            assertEquals(wrong.correlationId(), reply.correlationId(), wrong.name());
          } else {
            assertArrayEquals(receipt, reply.receipt(), wrong.name());
          }
        }
        assertEquals(1, errors, wrong.name());
      }
      assertWorks(stream);
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldStepOverFramesThatAreMerelyTooLong() throws IOException {
    try (RawStream stream = open()) {
      for (int length : new int[] {4097, 5000, 131_073, 1 << 20}) {
        byte[] body = new byte[length];
        Arrays.fill(body, (byte) 3);
        stream.send(
            ClaimStreamClient.request(ID + 1, granted),
            RawStream.length(length),
            body,
            ClaimStreamClient.request(ID + 2, granted));
        int errors = 0;
        for (int i = 0; i < 3; i++) {
          Frame reply = stream.read();
          if (reply.template() == ERROR_REPLY) {
            assertError(reply, AnswerCode.TOO_LARGE, 0);
            errors++;
          } else {
            assertArrayEquals(receipt, reply.receipt());
          }
        }
        assertEquals(1, errors);
      }
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldEndAfterLengthsThatNoFrameHasAndAnswerWhatIsInFlight() throws IOException {
    Map<Integer, AnswerCode> lengths =
        Map.of(
            0,
            AnswerCode.MALFORMED,
            1,
            AnswerCode.MALFORMED,
            7,
            AnswerCode.MALFORMED,
            (1 << 20) + 1,
            AnswerCode.TOO_LARGE,
            Integer.MAX_VALUE,
            AnswerCode.TOO_LARGE,
            Integer.MIN_VALUE,
            AnswerCode.TOO_LARGE,
            -1,
            AnswerCode.TOO_LARGE);
    for (Map.Entry<Integer, AnswerCode> one : lengths.entrySet()) {
      // Several claims each, as the last answers race with the end of the connection.
      int claims = 40;
      try (RawStream stream = open()) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 1; i <= claims; i++) {
          all.writeBytes(ClaimStreamClient.request(i, granted));
        }
        all.writeBytes(RawStream.length(one.getKey()));
        all.writeBytes(ClaimStreamClient.request(ID, granted));
        stream.send(all.toByteArray());
        int receipts = 0;
        for (int i = 0; i <= claims; i++) {
          Frame reply = stream.read();
          if (reply.template() == ERROR_REPLY) {
            assertError(reply, one.getValue(), 0);
          } else {
            assertArrayEquals(receipt, reply.receipt());
            receipts++;
          }
        }
        assertEquals(claims, receipts);
        stream.readEnd();
      }
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldEndWhenTheFirstMessageIsNotHello() throws IOException {
    for (byte[] first :
        List.of(
            ClaimStreamClient.request(ID, live.winner().encode()),
            RawStream.withData(REGISTER_REQUEST, ID, live.registration().encode()),
            RawStream.escrow(ID, live.terms().digest()))) {
      try (RawStream stream = RawStream.connect(server.streamAddress())) {
        stream.send(first, RawStream.hello(1, REGTEST), first);
        assertError(stream.read(), AnswerCode.UNSUPPORTED_MESSAGE, ID);
        stream.readEnd();
      }
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldEndAfterAHelloOfAnotherVersionOrNetwork() throws IOException {
    for (int version : new int[] {0, 2, 0xFFFF}) {
      assertHelloRefused(RawStream.hello(version, REGTEST), AnswerCode.UNSUPPORTED_MESSAGE);
    }
    for (int network : new int[] {0, -1, Network.MAINNET.magic(), Integer.reverseBytes(REGTEST)}) {
      assertHelloRefused(RawStream.hello(1, network), AnswerCode.WRONG_NETWORK);
    }
  }

  private static void assertHelloRefused(byte[] hello, AnswerCode code) throws IOException {
    try (RawStream stream = RawStream.connect(server.streamAddress())) {
      stream.send(hello, ClaimStreamClient.request(ID, live.winner().encode()));
      assertError(stream.read(), code, 0);
      stream.readEnd();
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldEndAfterASecondHelloOnceAllIsAnswered() throws IOException {
    try (RawStream stream = open()) {
      stream.send(
          ClaimStreamClient.request(1, granted),
          ClaimStreamClient.request(2, granted),
          RawStream.hello(1, REGTEST),
          ClaimStreamClient.request(3, live.winner().encode()));
      int errors = 0;
      for (int i = 0; i < 3; i++) {
        Frame reply = stream.read();
        if (reply.template() == ERROR_REPLY) {
          assertError(reply, AnswerCode.UNSUPPORTED_MESSAGE, 0);
          errors++;
        } else {
          assertArrayEquals(receipt, reply.receipt());
        }
      }
      assertEquals(1, errors);
      stream.readEnd();
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldAnswerRegistrationsInFlightBeforeItEnds() throws IOException {
    try (RawStream stream = open()) {
      stream.send(
          RawStream.withData(REGISTER_REQUEST, ID, live.registration().encode()),
          RawStream.length(0));
      int registered = 0;
      for (int i = 0; i < 2; i++) {
        Frame reply = stream.read();
        if (reply.template() == REGISTER_REPLY) {
          assertEquals(AnswerCode.REGISTERED, reply.code());
          assertEquals(ID, reply.correlationId());
          registered++;
        } else {
          assertError(reply, AnswerCode.MALFORMED, 0);
        }
      }
      assertEquals(1, registered);
      stream.readEnd();
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldRefuseRegistrationsThatCannotBeRead() throws IOException {
    byte[] good = live.registration().encode();
    byte[] badFlag = good.clone();
    badFlag[130] = 2;
    try (RawStream stream = open()) {
      for (byte[] bad :
          List.of(
              new byte[0],
              new byte[1],
              Arrays.copyOf(good, good.length - 1),
              Arrays.copyOf(good, good.length + 1),
              Arrays.copyOf(good, 315),
              Arrays.copyOf(good, 4000),
              badFlag)) {
        stream.send(RawStream.withData(REGISTER_REQUEST, ID, bad));
        Frame reply = stream.read();
        assertEquals(REGISTER_REPLY, reply.template());
        assertEquals(AnswerCode.MALFORMED, reply.code(), bad.length + " bytes");
        assertEquals(ID, reply.correlationId());
        assertEquals(0, reply.position());
        assertEquals(0, reply.retryAfterMillis());
      }
      assertWorks(stream);
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldSayWhenAnEscrowIsUnknown() throws IOException {
    try (RawStream stream = open()) {
      stream.send(
          RawStream.escrow(ID, Bytes32.fromHex("77".repeat(32))),
          RawStream.escrow(ID + 1, live.terms().digest()));
      Frame unknown = stream.read();
      assertEquals(ESCROW_REPLY, unknown.template());
      assertEquals(ID, unknown.correlationId());
      assertEquals(0, unknown.state());
      assertEquals(8 + 73 + 2, unknown.bytes().capacity(), "terms are empty");
      Frame known = stream.read();
      assertEquals(ID + 1, known.correlationId());
      assertEquals(2, known.state(), "LIVE");
      assertEquals(8 + 73 + 2 + 130, known.bytes().capacity());
    }
  }

  @Test
  void shouldTakeFramesInWhateverPiecesTheyCome() throws IOException {
    Random random = Seeds.random("stream pieces");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int claims = 60;
    for (int i = 0; i < claims; i++) {
      all.writeBytes(ClaimStreamClient.request(i, granted));
    }
    byte[] bytes = all.toByteArray();
    try (RawStream stream = open()) {
      int sent = 0;
      while (sent < bytes.length) {
        int n = Math.min(bytes.length - sent, 1 + random.nextInt(sent < 900 ? 1 : 700));
        stream.send(Arrays.copyOfRange(bytes, sent, sent + n));
        sent += n;
      }
      for (int i = 0; i < claims; i++) {
        assertArrayEquals(receipt, stream.read().receipt());
      }
    }
  }

  @Test
  void shouldForgetAFrameThatIsCutOffByTheEndOfTheConnection() throws IOException {
    byte[] frame = ClaimStreamClient.request(ID, live.winner().encode());
    for (int cut : new int[] {1, 3, 4, 11, 12, 20, 22, frame.length - 1}) {
      try (RawStream stream = open()) {
        assertWorks(stream);
        stream.send(Arrays.copyOf(frame, cut));
      }
      try (RawStream stream = RawStream.connect(server.streamAddress())) {
        stream.send(Arrays.copyOf(frame, cut));
      }
    }
    try (RawStream stream = open()) {
      assertWorks(stream);
    }
    server.assertNothingJournaledAfter(mark);
  }

  @Test
  void shouldAnswerEveryFuzzedFrameOnceAndGrantNone() throws IOException {
    Random random = Seeds.random("stream frames");
    byte[] winner = live.winner().encode();
    byte[] registration = live.registration().encode();
    int perRound = 100;
    for (int round = 0; round < 30; round++) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int i = 0; i < perRound; i++) {
        all.writeBytes(fuzzed(random, winner, registration));
      }
      try (RawStream stream = open()) {
        stream.send(all.toByteArray(), ClaimStreamClient.request(ID, granted));
        for (int i = 0; i <= perRound; i++) {
          Frame reply = stream.read();
          if (reply.template() == CLAIM_REPLY && reply.code() == AnswerCode.GRANTED) {
            assertArrayEquals(receipt, reply.receipt());
          }
        }
        assertWorks(stream);
      }
    }
    server.assertNothingJournaledAfter(mark);
  }

  /** A frame with a right length and something wrong in it; never Hello, which would end it all. */
  private static byte[] fuzzed(Random random, byte[] winner, byte[] registration) {
    return switch (random.nextInt(5)) {
      case 0 -> ClaimStreamClient.request(random.nextLong(), flippedAnywhere(random, winner));
      case 1 ->
          RawStream.withData(
              REGISTER_REQUEST, random.nextLong(), flippedAnywhere(random, registration));
      case 2 -> {
        byte[] bytes = new byte[random.nextInt(500)];
        random.nextBytes(bytes);
        yield ClaimStreamClient.request(random.nextLong(), bytes);
      }
      case 3 -> {
        byte[] body = new byte[random.nextInt(4089)];
        random.nextBytes(body);
        int template = 2 + random.nextInt(30);
        yield RawStream.frame(random.nextInt(1 << 16), template, 1, random.nextInt(3), body);
      }
      default -> {
        // Behind the length field and the template: headers and lengths that nearly agree.
        byte[] frame = ClaimStreamClient.request(random.nextLong(), winner);
        int at = List.of(4, 5, 8, 9, 10, 11, 20, 21).get(random.nextInt(8));
        frame[at] ^= (byte) (1 << random.nextInt(8));
        yield frame;
      }
    };
  }

  private static byte[] flippedAnywhere(Random random, byte[] bytes) {
    byte[] copy = bytes.clone();
    int first = random.nextInt(copy.length);
    copy[first] ^= (byte) (1 << random.nextInt(8));
    for (int more = random.nextInt(3); more > 0; more--) {
      int at = random.nextInt(copy.length);
      if (at != first) {
        copy[at] ^= (byte) (1 << random.nextInt(8));
      }
    }
    return copy;
  }

  @Test
  void shouldSurviveAnyBytesAtAll() throws IOException {
    Random random = Seeds.random("stream bytes");
    try (RawStream witness = open()) {
      for (int round = 0; round < 200; round++) {
        byte[] noise = new byte[random.nextInt(6000)];
        random.nextBytes(noise);
        try (RawStream stream =
            random.nextBoolean() ? open() : RawStream.connect(server.streamAddress())) {
          stream.send(noise);
          if (random.nextBoolean()) {
            stream.socket().shutdownOutput();
          }
        } catch (java.net.SocketException e) {
          // The server has ended it before all was sent: as it may.
        }
        assertWorks(witness);
      }
    }
    server.assertNothingJournaledAfter(mark);
  }
}
