package org.micropay.vts.appliance.stream;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.agrona.ExpandableArrayBuffer;
import org.micropay.vts.appliance.server.EscrowStatus;
import org.micropay.vts.appliance.server.RegisterAnswer;
import org.micropay.vts.appliance.server.RetryHints;
import org.micropay.vts.appliance.server.ServerIdentity;
import org.micropay.vts.ledger.EscrowInfo;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.StreamFrame;
import org.micropay.vts.ticket.sbe.ClaimReplyEncoder;
import org.micropay.vts.ticket.sbe.ErrorReplyEncoder;
import org.micropay.vts.ticket.sbe.EscrowReplyEncoder;
import org.micropay.vts.ticket.sbe.EscrowState;
import org.micropay.vts.ticket.sbe.RegisterReplyEncoder;
import org.micropay.vts.ticket.sbe.WelcomeEncoder;

/**
 * Answers of one connection, encoded one behind the other until they are taken. Grows to the
 * largest batch and stays; encoding allocates nothing. One thread.
 */
final class StreamReplies {
  private static final int VERSION = 1;
  private static final int CLAIM_REPLY = StreamFrame.BLOCK + ClaimReplyEncoder.BLOCK_LENGTH;
  private static final int MAX_TEXT = 256;

  private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(CLAIM_REPLY * 64);
  private final ClaimReplyEncoder claimReply = new ClaimReplyEncoder();
  private int length;

  boolean isEmpty() {
    return length == 0;
  }

  /** Everything encoded since the last call, as a copy that the socket may keep. */
  Buffer take() {
    byte[] copy = new byte[length];
    buffer.getBytes(0, copy);
    length = 0;
    return Buffer.buffer(copy);
  }

  void claim(ClaimSlot slot) {
    int at = begin(ClaimReplyEncoder.TEMPLATE_ID, ClaimReplyEncoder.BLOCK_LENGTH, 0);
    claimReply
        .wrap(buffer, at)
        .correlationId(slot.correlationId())
        .retryAfterMillis(RetryHints.millis(slot.code()))
        .putClaimId(slot.claimId(), 0, Bytes32.LENGTH)
        .code(slot.code())
        .position(slot.receiptPosition())
        .putCounterSignature(slot.signature(), 0, CompactSignature.LENGTH);
  }

  /** A claim that never reached the ring. */
  void claim(long correlationId, int retryAfterMillis, int code) {
    int at = begin(ClaimReplyEncoder.TEMPLATE_ID, ClaimReplyEncoder.BLOCK_LENGTH, 0);
    buffer.setMemory(at, ClaimReplyEncoder.BLOCK_LENGTH, (byte) 0);
    claimReply
        .wrap(buffer, at)
        .correlationId(correlationId)
        .retryAfterMillis(retryAfterMillis)
        .code(code);
  }

  void welcome(ServerIdentity identity, int maxInFlight, long timeMillis) {
    int at = begin(WelcomeEncoder.TEMPLATE_ID, WelcomeEncoder.BLOCK_LENGTH, 0);
    new WelcomeEncoder()
        .wrap(buffer, at)
        .version(VERSION)
        .network(identity.network().magic() & 0xFFFF_FFFFL)
        .putVtsKey(identity.vtsKey().toArray(), 0, PublicKey.LENGTH)
        .maxInFlight(maxInFlight)
        .minConfirmations(identity.minConfirmations())
        .refundMargin(identity.refundMargin())
        .timeMillis(timeMillis);
  }

  void register(long correlationId, RegisterAnswer answer) {
    int at = begin(RegisterReplyEncoder.TEMPLATE_ID, RegisterReplyEncoder.BLOCK_LENGTH, 0);
    new RegisterReplyEncoder()
        .wrap(buffer, at)
        .correlationId(correlationId)
        .retryAfterMillis(answer.retryAfterMillis())
        .putTermsDigest(answer.termsDigest().toArray(), 0, Bytes32.LENGTH)
        .code(answer.code().number())
        .position(answer.position());
  }

  void escrow(long correlationId, EscrowStatus status) {
    byte[] terms = status.info().map(info -> info.terms().encode()).orElse(new byte[0]);
    int at =
        begin(
            EscrowReplyEncoder.TEMPLATE_ID,
            EscrowReplyEncoder.BLOCK_LENGTH,
            EscrowReplyEncoder.termsHeaderLength() + terms.length);
    buffer.setMemory(at, EscrowReplyEncoder.BLOCK_LENGTH, (byte) 0);
    EscrowReplyEncoder reply = new EscrowReplyEncoder().wrap(buffer, at);
    reply
        .correlationId(correlationId)
        .state(EscrowState.get((short) status.state().ordinal()))
        .tipHeight(Math.max(0, status.tip().height()))
        .putTipHash(status.tip().hash().toArray(), 0, Bytes32.LENGTH);
    if (status.info().isPresent()) {
      EscrowInfo info = status.info().get();
      reply.position(info.registrationPosition()).confirmations(info.confirmations());
      info.deposit()
          .ifPresent(
              deposit ->
                  reply
                      .depositValue(deposit.deposit().value())
                      .depositRefundHeight(deposit.deposit().refundHeight())
                      .depositShares(deposit.escrows()));
    }
    reply.putTerms(terms, 0, terms.length);
  }

  void error(long correlationId, AnswerCode code, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int textLength = Math.min(bytes.length, MAX_TEXT);
    int at =
        begin(
            ErrorReplyEncoder.TEMPLATE_ID,
            ErrorReplyEncoder.BLOCK_LENGTH,
            ErrorReplyEncoder.textHeaderLength() + textLength);
    new ErrorReplyEncoder()
        .wrap(buffer, at)
        .correlationId(correlationId)
        .retryAfterMillis(0)
        .code(code.number())
        .putText(bytes, 0, textLength);
  }

  /** Writes the frame's header and gives the offset of its block. */
  private int begin(int templateId, int blockLength, int dataLength) {
    int at = length;
    buffer.checkLimit(at + StreamFrame.BLOCK + blockLength + dataLength);
    length +=
        StreamFrame.writeHeader(buffer, at, templateId, blockLength, blockLength + dataLength);
    return at + StreamFrame.BLOCK;
  }
}
