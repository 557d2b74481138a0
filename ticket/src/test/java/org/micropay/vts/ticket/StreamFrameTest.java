package org.micropay.vts.ticket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.sbe.ClaimReplyDecoder;
import org.micropay.vts.ticket.sbe.ClaimReplyEncoder;
import org.micropay.vts.ticket.sbe.ClaimRequestDecoder;
import org.micropay.vts.ticket.sbe.ClaimRequestEncoder;
import org.micropay.vts.ticket.sbe.TermsDecoder;
import org.micropay.vts.ticket.sbe.TicketEncoder;

/** Frames of every template: exact lengths pass, all others are refused. */
class StreamFrameTest {
  /** Template id to block length, as docs/PROTOCOL.md has them. */
  private static final Map<Integer, Integer> BLOCKS =
      Map.ofEntries(
          Map.entry(1, 6),
          Map.entry(2, 59),
          Map.entry(3, 8),
          Map.entry(4, 118),
          Map.entry(5, 40),
          Map.entry(6, 73),
          Map.entry(7, 8),
          Map.entry(8, 54),
          Map.entry(9, 14),
          Map.entry(20, 130),
          Map.entry(21, 32),
          Map.entry(22, 212),
          Map.entry(23, 106));

  private static final Set<Integer> WITH_DATA = Set.of(3, 6, 7, 9, 21, 22);

  private final Random random = Seed.random("StreamFrameTest");
  private final Samples samples = new Samples(random);

  @Test
  void shouldAcceptExactLengthsOnly() {
    for (int template = 0; template < 70; template++) {
      Integer block = BLOCKS.get(template);
      int data = WITH_DATA.contains(template) ? 2 + random.nextInt(400) : 0;
      int length = 8 + (block == null ? 20 : block) + data;
      byte[] message = message(template, block == null ? 20 : block, data, length + 50);
      UnsafeBuffer buffer = new UnsafeBuffer(message);
      for (int other = 8; other < message.length; other++) {
        int expected =
            block == null
                ? AnswerCode.UNSUPPORTED_MESSAGE.number()
                : other == length ? 0 : AnswerCode.MALFORMED.number();
        assertEquals(expected, StreamFrame.check(buffer, 0, other), template + ", " + other);
      }
    }
  }

  private byte[] message(int template, int block, int data, int capacity) {
    ByteBuffer bytes = ByteBuffer.wrap(samples.bytes(capacity)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putShort((short) block).putShort((short) template).putShort((short) 1);
    bytes.putShort((short) 1);
    if (data > 0) {
      bytes.putShort(8 + block, (short) (data - 2));
    }
    return bytes.array();
  }

  @Test
  void shouldRefuseOtherSchemasVersionsAndBlocks() {
    byte[] message = message(5, 40, 0, 48);
    UnsafeBuffer buffer = new UnsafeBuffer(message);
    assertEquals(0, StreamFrame.check(buffer, 0, 48));
    for (int at = 0; at < 8; at++) {
      byte original = message[at];
      message[at] ^= (byte) (1 << random.nextInt(8));
      assertNotEquals(0, StreamFrame.check(buffer, 0, 48));
      message[at] = original;
    }
  }

  @Test
  void shouldSurviveNoise() {
    for (int i = 0; i < 100_000; i++) {
      byte[] noise = samples.bytes(8 + random.nextInt(150));
      if (random.nextBoolean()) {
        System.arraycopy(message(1 + random.nextInt(24), 40, 0, 48), 0, noise, 0, 8);
      }
      UnsafeBuffer buffer = new UnsafeBuffer(noise);
      int code = StreamFrame.check(buffer, 0, noise.length);
      assertEquals(true, code == 0 || AnswerCode.isKnown(code));
      StreamFrame.correlationId(buffer, 0, noise.length);
    }
  }

  @Test
  void shouldBoundFrames() {
    UnsafeBuffer buffer = new UnsafeBuffer(new byte[4]);
    for (int length : new int[] {8, 9, 4095, 4096}) {
      buffer.putInt(0, length, ByteOrder.LITTLE_ENDIAN);
      assertEquals(length, StreamFrame.length(buffer, 0));
    }
    for (int length : new int[] {0, 1, 7}) {
      buffer.putInt(0, length, ByteOrder.LITTLE_ENDIAN);
      assertEquals(-AnswerCode.MALFORMED.number(), StreamFrame.length(buffer, 0));
    }
    for (int length : new int[] {4097, Integer.MAX_VALUE, Integer.MIN_VALUE, -1}) {
      buffer.putInt(0, length, ByteOrder.LITTLE_ENDIAN);
      assertEquals(-AnswerCode.TOO_LARGE.number(), StreamFrame.length(buffer, 0));
    }
  }

  @Test
  void shouldFindCorrelationIdsOfRefusedMessages() {
    byte[] message = message(3, 8, 0, 30);
    UnsafeBuffer buffer = new UnsafeBuffer(message);
    buffer.putLong(8, 77, ByteOrder.LITTLE_ENDIAN);
    assertEquals(77, StreamFrame.correlationId(buffer, 0, 16));
    assertEquals(0, StreamFrame.correlationId(buffer, 0, 15));
    message[2] = 1;
    assertEquals(0, StreamFrame.correlationId(buffer, 0, 16));
  }

  @Test
  void shouldCarryClaimsAsTheyAre() {
    byte[] claim = samples.winner().claim().encode();
    UnsafeBuffer buffer = new UnsafeBuffer(new byte[600]);
    ClaimRequestEncoder encoder = new ClaimRequestEncoder().wrap(buffer, StreamFrame.BLOCK);
    encoder.correlationId(5).putClaim(claim, 0, claim.length);
    int frame = StreamFrame.writeHeader(buffer, 0, 3, 8, encoder.encodedLength());
    assertEquals(frame, 4 + StreamFrame.length(buffer, 0));
    assertEquals(0, StreamFrame.check(buffer, 4, frame - 4));
    assertArrayEquals(claim, Arrays.copyOfRange(buffer.byteArray(), 22, frame));
    ClaimRequestDecoder decoder = new ClaimRequestDecoder().wrap(buffer, StreamFrame.BLOCK, 8, 1);
    byte[] decoded = new byte[claim.length];
    assertEquals(5, decoder.correlationId());
    decoder.getClaim(decoded, 0, decoded.length);
    assertArrayEquals(claim, decoded);
  }

  @Test
  void shouldEndClaimRepliesWithTheReceiptAsItIs() {
    for (int i = 0; i < 50; i++) {
      Receipt receipt = samples.receipt();
      byte[] bytes = receipt.encode();
      UnsafeBuffer buffer = new UnsafeBuffer(new byte[118]);
      ClaimReplyEncoder encoder = new ClaimReplyEncoder().wrap(buffer, 0);
      encoder.correlationId(i).retryAfterMillis(0).code(receipt.code().number());
      encoder.position(receipt.position()).putClaimId(receipt.claimId().toArray(), 0, 32);
      encoder.putCounterSignature(bytes, 42, 64);
      int at = ClaimReplyDecoder.claimIdEncodingOffset();
      byte[] tail = Arrays.copyOfRange(buffer.byteArray(), at, 118);
      assertEquals(receipt, Receipt.decode(tail));
    }
  }

  @Test
  void shouldLayTermsAndTicketsOutAsThePageSays() {
    Terms terms = samples.terms();
    TermsDecoder decoder = new TermsDecoder().wrap(new UnsafeBuffer(terms.encode()), 0, 130, 1);
    assertEquals(Integer.toUnsignedLong(terms.network()), decoder.network());
    assertEquals(terms.value(), decoder.value());
    assertEquals(terms.payout(), decoder.payout());
    assertEquals(terms.odds(), decoder.odds());
    assertEquals(terms.refundHeight(), decoder.refundHeight());
    assertEquals(TermsLayout.BUYER_KEY, TermsDecoder.buyerKeyEncodingOffset());
    assertEquals(TermsLayout.VTS_KEY, TermsDecoder.vtsKeyEncodingOffset());
    Ticket ticket = samples.winner().claim().ticket();
    UnsafeBuffer buffer = new UnsafeBuffer(new byte[300]);
    TicketEncoder encoder = new TicketEncoder().wrap(buffer, 0);
    encoder.putTermsDigest(ticket.termsDigest().toArray(), 0, 32);
    encoder.putCommitment(ticket.commitment().toArray(), 0, 32);
    encoder.putR2(ticket.r2().toArray(), 0, 16).expiry(ticket.expiry());
    encoder.putSigTicket(ticket.sigTicket().toArray(), 0, 64);
    encoder.putSigSpend(ticket.sigSpend().toArray(), 0, 64);
    encoder.putPayoutScript(ticket.payoutScript().toArray(), 0, ticket.payoutScript().length());
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    byte[] bytes = ticket.encode();
    int script = ticket.payoutScript().length();
    expected.write(bytes, 0, 84);
    expected.write(bytes, 85 + script, 128);
    expected.write(bytes, 84, 1);
    expected.write(0);
    expected.write(bytes, 85, script);
    byte[] actual = Arrays.copyOf(buffer.byteArray(), encoder.encodedLength());
    assertArrayEquals(expected.toByteArray(), actual);
  }
}
