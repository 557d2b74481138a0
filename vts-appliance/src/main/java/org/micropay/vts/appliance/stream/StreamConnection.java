package org.micropay.vts.appliance.stream;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.appliance.http.ClientAddress;
import org.micropay.vts.appliance.server.RegisterAnswer;
import org.micropay.vts.appliance.server.ReplySink;
import org.micropay.vts.pipeline.ClaimIngress;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.StreamFrame;
import org.micropay.vts.ticket.sbe.ClaimRequestDecoder;
import org.micropay.vts.ticket.sbe.EscrowRequestDecoder;
import org.micropay.vts.ticket.sbe.HelloDecoder;
import org.micropay.vts.ticket.sbe.RegisterRequestDecoder;

/**
 * One client on the claim stream.
 *
 * <p>Two threads work here and share only the in-flight count and the socket: the event loop reads
 * frames and answers what needs no decision; the reply stage's thread encodes answers into its own
 * buffer and hands them to the socket once per batch. Memory is bounded: one partial frame, and at
 * most {@code maxInFlight} answers; a client that does not read its answers is not read from. The
 * server ends a connection only when every request that it took is answered, and the answer
 * written.
 */
final class StreamConnection implements ReplySink {
  private static final int VERSION = 1;
  private static final int SKIPPABLE_FRAME = 1 << 20;
  private static final int READ_BUFFER = 32 * 1024;
  private static final long HELLO_MILLIS = 10_000;
  private static final int CLAIM_OFFSET =
      StreamFrame.BLOCK
          + ClaimRequestDecoder.BLOCK_LENGTH
          + ClaimRequestDecoder.claimHeaderLength();
  private static final int REGISTRATION_OFFSET =
      StreamFrame.BLOCK
          + RegisterRequestDecoder.BLOCK_LENGTH
          + RegisterRequestDecoder.registrationHeaderLength();

  private final NetSocket socket;
  private final StreamServices services;
  private final int maxInFlight;
  private final AtomicInteger inFlight = new AtomicInteger();

  // The event loop's.
  private final byte[] input = new byte[READ_BUFFER];
  private final UnsafeBuffer inputBuffer = new UnsafeBuffer(input);
  private final StreamReplies direct = new StreamReplies();
  private int inputLength;
  private int toSkip;
  private boolean greeted;
  private boolean ending;
  private long id;

  /** Requests taken whose answers are not written yet; lags behind {@link #inFlight}. */
  private int unwritten;

  // The reply stage's thread's.
  private final StreamReplies replies = new StreamReplies();
  private int answered;

  StreamConnection(NetSocket socket, StreamServices services, int maxInFlight) {
    this.socket = socket;
    this.services = services;
    this.maxInFlight = maxInFlight;
  }

  void start(Vertx vertx, long connectionId) {
    id = connectionId;
    long timer =
        vertx.setTimer(
            HELLO_MILLIS,
            t -> {
              if (!greeted) {
                socket.close();
              }
            });
    socket.exceptionHandler(gone -> socket.close());
    socket.endHandler(
        end -> {
          vertx.cancelTimer(timer);
          endWhenAnswered();
        });
    socket.drainHandler(v -> socket.resume());
    socket.handler(this::onBytes);
  }

  void close() {
    socket.close();
  }

  // ---- event loop ----

  private void onBytes(Buffer chunk) {
    int taken = 0;
    while (taken < chunk.length() && !ending) {
      int n = Math.min(chunk.length() - taken, input.length - inputLength);
      chunk.getBytes(taken, taken + n, input, inputLength);
      inputLength += n;
      taken += n;
      consume();
    }
    writeDirect();
    if (socket.writeQueueFull()) {
      socket.pause();
    }
  }

  /** Takes every whole frame from the input and keeps the rest at its start. */
  private void consume() {
    int at = 0;
    while (!ending) {
      if (toSkip > 0) {
        int skipped = Math.min(toSkip, inputLength - at);
        toSkip -= skipped;
        at += skipped;
      }
      if (inputLength - at < StreamFrame.LENGTH_FIELD) {
        break;
      }
      int length = StreamFrame.length(inputBuffer, at);
      if (length < 0) {
        at += refuseFrame(AnswerCode.ofNumber(-length), at);
        continue;
      }
      if (inputLength - at < StreamFrame.LENGTH_FIELD + length) {
        break;
      }
      onFrame(at, length);
      at += StreamFrame.LENGTH_FIELD + length;
    }
    inputLength -= at;
    System.arraycopy(input, at, input, 0, inputLength);
  }

  /** A length that no frame has: one that is merely too long is stepped over, others end it. */
  private int refuseFrame(AnswerCode code, int at) {
    int claimed = inputBuffer.getInt(at, java.nio.ByteOrder.LITTLE_ENDIAN);
    if (claimed > 0 && claimed <= SKIPPABLE_FRAME && code == AnswerCode.TOO_LARGE) {
      toSkip = claimed;
      refuse(0, code, "frame of " + claimed + " bytes; at most " + StreamFrame.MAX_LENGTH);
      return StreamFrame.LENGTH_FIELD;
    }
    refuse(0, code, "frame length " + claimed + "; the stream cannot be read on");
    endWhenAnswered();
    return 0;
  }

  private void onFrame(int at, int length) {
    int header = at + StreamFrame.LENGTH_FIELD;
    long correlationId = StreamFrame.correlationId(inputBuffer, header, length);
    int wrong = StreamFrame.check(inputBuffer, header, length);
    if (wrong != 0) {
      AnswerCode code = AnswerCode.ofNumber(wrong);
      refuse(
          correlationId,
          code,
          code == AnswerCode.MALFORMED
              ? "lengths inside the frame of " + length + " bytes do not agree"
              : "template " + StreamFrame.templateId(inputBuffer, header) + " is not supported");
      return;
    }
    int template = StreamFrame.templateId(inputBuffer, header);
    if (!greeted && template != HelloDecoder.TEMPLATE_ID) {
      refuse(correlationId, AnswerCode.UNSUPPORTED_MESSAGE, "the first message must be Hello");
      endWhenAnswered();
      return;
    }
    switch (template) {
      case HelloDecoder.TEMPLATE_ID -> onHello(at);
      case ClaimRequestDecoder.TEMPLATE_ID -> onClaim(at, correlationId);
      case EscrowRequestDecoder.TEMPLATE_ID -> onEscrow(at, correlationId);
      case RegisterRequestDecoder.TEMPLATE_ID -> onRegister(at, correlationId);
      default ->
          refuse(
              correlationId,
              AnswerCode.UNSUPPORTED_MESSAGE,
              "template " + template + " is not a request");
    }
  }

  private void onHello(int at) {
    int version = inputBuffer.getShort(at + StreamFrame.BLOCK) & 0xFFFF;
    int network =
        inputBuffer.getInt(
            at + StreamFrame.BLOCK + HelloDecoder.networkEncodingOffset(),
            java.nio.ByteOrder.LITTLE_ENDIAN);
    if (greeted || version != VERSION) {
      refuse(
          0,
          AnswerCode.UNSUPPORTED_MESSAGE,
          greeted ? "a second Hello" : "protocol version " + version + "; this server speaks 1");
      endWhenAnswered();
      return;
    }
    if (network != services.identity().network().magic()) {
      refuse(
          0, AnswerCode.WRONG_NETWORK, "this server is on " + services.identity().network().id());
      endWhenAnswered();
      return;
    }
    greeted = true;
    direct.welcome(services.identity(), maxInFlight, services.clockMillis().getAsLong());
  }

  private void onClaim(int at, long correlationId) {
    if (inFlight.get() >= maxInFlight) {
      refuseClaim(correlationId, AnswerCode.TOO_MANY_IN_FLIGHT.number());
      return;
    }
    int length = variableLength(at + CLAIM_OFFSET);
    inFlight.getAndIncrement();
    int refusal =
        services
            .gate()
            .tryPublish(
                id,
                correlationId,
                services.clockMillis().getAsLong(),
                System.nanoTime(),
                inputBuffer,
                at + CLAIM_OFFSET,
                length);
    if (refusal != ClaimIngress.ACCEPTED) {
      inFlight.getAndDecrement();
      refuseClaim(correlationId, refusal);
      return;
    }
    unwritten++;
  }

  private void refuseClaim(long correlationId, int code) {
    services.answers().count(code);
    int retry = services.gate().retryAfterMillis(AnswerCode.ofNumber(code));
    direct.claim(correlationId, retry, code);
  }

  private void onEscrow(int at, long correlationId) {
    Bytes32 termsDigest =
        Bytes32.copyOf(
            input, at + StreamFrame.BLOCK + EscrowRequestDecoder.termsDigestEncodingOffset());
    direct.escrow(correlationId, services.escrows().status(termsDigest));
  }

  private void onRegister(int at, long correlationId) {
    if (inFlight.get() >= maxInFlight) {
      services.answers().count(AnswerCode.TOO_MANY_IN_FLIGHT.number());
      direct.register(
          correlationId,
          new RegisterAnswer(
              AnswerCode.TOO_MANY_IN_FLIGHT,
              Bytes32.ZERO,
              0,
              services.gate().retryAfterMillis(AnswerCode.TOO_MANY_IN_FLIGHT),
              ""));
      return;
    }
    byte[] registration = new byte[variableLength(at + REGISTRATION_OFFSET)];
    inputBuffer.getBytes(at + REGISTRATION_OFFSET, registration);
    inFlight.getAndIncrement();
    unwritten++;
    services
        .escrows()
        .register(registration, ClientAddress.of(socket.remoteAddress()))
        .thenAccept(
            answer -> {
              StreamReplies one = new StreamReplies();
              one.register(correlationId, answer);
              inFlight.getAndDecrement();
              socket.write(one.take()).onComplete(written -> onWritten(1));
            });
  }

  private void refuse(long correlationId, AnswerCode code, String text) {
    services.answers().count(code.number());
    direct.error(correlationId, code, text);
  }

  /** StreamFrame.check has made sure that the length agrees with the frame's. */
  private int variableLength(int dataOffset) {
    return inputBuffer.getShort(dataOffset - Short.BYTES, java.nio.ByteOrder.LITTLE_ENDIAN)
        & 0xFFFF;
  }

  private void writeDirect() {
    if (!direct.isEmpty()) {
      socket.write(direct.take());
    }
  }

  /** Reads no more, and closes once everything in flight is answered. */
  private void endWhenAnswered() {
    ending = true;
    writeDirect();
    endIfAnswered();
  }

  private void onWritten(int answers) {
    unwritten -= answers;
    endIfAnswered();
  }

  private void endIfAnswered() {
    if (ending && unwritten == 0) {
      socket.end();
    }
  }

  // ---- reply stage's thread ----

  @Override
  public void onReply(ClaimSlot slot) {
    replies.claim(slot);
    answered++;
  }

  @Override
  public void flush() {
    int count = answered;
    answered = 0;
    // Before the write, so that whoever reads an answer finds room for its next request.
    inFlight.addAndGet(-count);
    socket.write(replies.take()).onComplete(written -> onWritten(count));
  }
}
