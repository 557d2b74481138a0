package org.micropay.vts.merchant;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.StreamFrame;
import org.micropay.vts.ticket.sbe.ClaimReplyDecoder;
import org.micropay.vts.ticket.sbe.ClaimRequestDecoder;
import org.micropay.vts.ticket.sbe.ErrorReplyDecoder;
import org.micropay.vts.ticket.sbe.HelloEncoder;
import org.micropay.vts.ticket.sbe.WelcomeDecoder;

/**
 * A client of the claim stream: pipelined, answers by correlation id, never more in flight than the
 * server's welcome allows. When the connection breaks, everything unanswered fails with {@link
 * VtsException}; claim it again on a new connection, the answer will be the same.
 *
 * <p>Thread-safe. One virtual thread reads.
 */
public final class ClaimStreamClient implements AutoCloseable {
  private static final int OUT_BUFFER = 64 * 1024;
  private static final int CLAIM_HEADER =
      StreamFrame.BLOCK
          + ClaimRequestDecoder.BLOCK_LENGTH
          + ClaimRequestDecoder.claimHeaderLength();

  private final InetSocketAddress address;
  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final Welcome welcome;
  private final Semaphore room;
  private final AtomicLong nextCorrelationId = new AtomicLong();
  private final Map<Long, CompletableFuture<ClaimReply>> waiting = new ConcurrentHashMap<>();
  private volatile VtsException broken;

  private ClaimStreamClient(
      InetSocketAddress address,
      Socket socket,
      DataInputStream in,
      OutputStream out,
      Welcome welcome) {
    this.address = address;
    this.socket = socket;
    this.in = in;
    this.out = out;
    this.welcome = welcome;
    this.room = new Semaphore(welcome.maxInFlight());
  }

  /**
   * Connects and exchanges greetings.
   *
   * @param tls how to speak TLS; empty for plain TCP
   * @param network chain that the client expects
   * @param timeoutMillis for the connection and the greeting
   * @throws VtsException when the server cannot be reached or does not welcome the client
   */
  public static ClaimStreamClient connect(
      InetSocketAddress address, Optional<SSLContext> tls, Network network, int timeoutMillis) {
    Socket socket = new Socket();
    try {
      socket.connect(address, timeoutMillis);
      socket.setTcpNoDelay(true);
      if (tls.isPresent()) {
        SSLSocket secure =
            (SSLSocket)
                tls.get()
                    .getSocketFactory()
                    .createSocket(socket, address.getHostString(), address.getPort(), true);
        var parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        socket = secure;
      }
      socket.setSoTimeout(timeoutMillis);
      DataInputStream in =
          new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), OUT_BUFFER));
      OutputStream out = new BufferedOutputStream(socket.getOutputStream(), OUT_BUFFER);
      out.write(hello(network));
      out.flush();
      Welcome welcome = readWelcome(in, address);
      socket.setSoTimeout(0);
      ClaimStreamClient client = new ClaimStreamClient(address, socket, in, out, welcome);
      Thread.ofVirtual().name("claim-stream-" + address).start(client::readAll);
      return client;
    } catch (IOException | VtsException e) {
      closeQuietly(socket);
      if (e instanceof VtsException refused) {
        throw refused;
      }
      throw new VtsException("claim stream at " + address + ": " + e.getMessage(), e);
    }
  }

  /** What the server said of itself. */
  public Welcome welcome() {
    return welcome;
  }

  /** Claims; the future fails with {@link VtsException} when the connection breaks. */
  public CompletableFuture<ClaimReply> claim(Claim claim) {
    return claim(claim.encode());
  }

  /** Claims canonical bytes, which need not be well-formed: the VTS says what is wrong. */
  public CompletableFuture<ClaimReply> claim(byte[] canonical) {
    CompletableFuture<ClaimReply> future = send(canonical);
    flush();
    return future;
  }

  /**
   * Like {@link #claim(byte[])}, but the frame may wait in a buffer until {@link #flush}. Waits
   * while the server's in-flight limit is reached.
   */
  public CompletableFuture<ClaimReply> send(byte[] canonical) {
    CompletableFuture<ClaimReply> future = new CompletableFuture<>();
    if (!room.tryAcquire()) {
      flush();
      room.acquireUninterruptibly();
    }
    long correlationId = nextCorrelationId.incrementAndGet();
    waiting.put(correlationId, future);
    try {
      byte[] frame = request(correlationId, canonical);
      synchronized (out) {
        out.write(frame);
      }
    } catch (IOException e) {
      fail(new VtsException("claim stream at " + address + ": " + e.getMessage(), e));
    }
    if (broken != null) {
      complete(correlationId, f -> f.completeExceptionally(broken));
    }
    return future;
  }

  /** Sends what {@link #send} has buffered. */
  public void flush() {
    try {
      synchronized (out) {
        out.flush();
      }
    } catch (IOException e) {
      fail(new VtsException("claim stream at " + address + ": " + e.getMessage(), e));
    }
  }

  /** One ClaimRequest frame. */
  public static byte[] request(long correlationId, byte[] claim) {
    return request(correlationId, claim, claim.length);
  }

  /** The same for a claim that fills only the first {@code length} bytes of its array. */
  public static byte[] request(long correlationId, byte[] claim, int length) {
    byte[] frame = new byte[CLAIM_HEADER + length];
    UnsafeBuffer buffer = new UnsafeBuffer(frame);
    StreamFrame.writeHeader(
        buffer,
        0,
        ClaimRequestDecoder.TEMPLATE_ID,
        ClaimRequestDecoder.BLOCK_LENGTH,
        frame.length - StreamFrame.BLOCK);
    buffer.putLong(StreamFrame.BLOCK, correlationId, ByteOrder.LITTLE_ENDIAN);
    buffer.putShort(CLAIM_HEADER - Short.BYTES, (short) length, ByteOrder.LITTLE_ENDIAN);
    buffer.putBytes(CLAIM_HEADER, claim, 0, length);
    return frame;
  }

  /** The client's first frame. */
  public static byte[] hello(Network network) {
    byte[] frame = new byte[StreamFrame.BLOCK + HelloEncoder.BLOCK_LENGTH];
    UnsafeBuffer buffer = new UnsafeBuffer(frame);
    StreamFrame.writeHeader(
        buffer, 0, HelloEncoder.TEMPLATE_ID, HelloEncoder.BLOCK_LENGTH, HelloEncoder.BLOCK_LENGTH);
    new HelloEncoder()
        .wrap(buffer, StreamFrame.BLOCK)
        .version(1)
        .network(network.magic() & 0xFFFF_FFFFL);
    return frame;
  }

  private static Welcome readWelcome(DataInputStream in, InetSocketAddress address)
      throws IOException {
    UnsafeBuffer frame = readFrame(in);
    int template = StreamFrame.templateId(frame, 0);
    if (template == ErrorReplyDecoder.TEMPLATE_ID) {
      throw new VtsException("claim stream at " + address + " refused: " + errorText(frame));
    }
    if (template != WelcomeDecoder.TEMPLATE_ID) {
      throw new VtsException("claim stream at " + address + " answered template " + template);
    }
    WelcomeDecoder decoder =
        new WelcomeDecoder()
            .wrap(
                frame,
                StreamFrame.HEADER_LENGTH,
                WelcomeDecoder.BLOCK_LENGTH,
                WelcomeDecoder.SCHEMA_VERSION);
    byte[] key = new byte[PublicKey.LENGTH];
    decoder.getVtsKey(key, 0, key.length);
    return new Welcome(
        (int) decoder.network(),
        PublicKey.of(key),
        (int) decoder.maxInFlight(),
        (int) decoder.minConfirmations(),
        (int) decoder.refundMargin(),
        decoder.timeMillis());
  }

  private void readAll() {
    try {
      while (true) {
        UnsafeBuffer frame = readFrame(in);
        switch (StreamFrame.templateId(frame, 0)) {
          case ClaimReplyDecoder.TEMPLATE_ID -> onReply(frame);
          case ErrorReplyDecoder.TEMPLATE_ID -> onError(frame);
          default -> {}
        }
      }
    } catch (IOException | RuntimeException e) {
      fail(new VtsException("claim stream at " + address + " broke: " + e.getMessage(), e));
    }
  }

  private void onReply(UnsafeBuffer frame) {
    ClaimReplyDecoder decoder =
        new ClaimReplyDecoder()
            .wrap(
                frame,
                StreamFrame.HEADER_LENGTH,
                ClaimReplyDecoder.BLOCK_LENGTH,
                ClaimReplyDecoder.SCHEMA_VERSION);
    byte[] claimId = new byte[Bytes32.LENGTH];
    decoder.getClaimId(claimId, 0, claimId.length);
    AnswerCode code = AnswerCode.ofNumber(decoder.code());
    Optional<CompactSignature> signature = Optional.empty();
    if (code == AnswerCode.GRANTED) {
      byte[] bytes = new byte[CompactSignature.LENGTH];
      decoder.getCounterSignature(bytes, 0, bytes.length);
      signature = Optional.of(CompactSignature.of(bytes));
    }
    ClaimReply reply =
        new ClaimReply(
            code, Bytes32.of(claimId), decoder.position(), signature, decoder.retryAfterMillis());
    complete(decoder.correlationId(), f -> f.complete(reply));
  }

  private void onError(UnsafeBuffer frame) {
    long correlationId = StreamFrame.correlationId(frame, 0, frame.capacity());
    AnswerCode code = AnswerCode.ofNumber(errorCode(frame));
    ClaimReply reply = new ClaimReply(code, Bytes32.ZERO, 0, Optional.empty(), 0);
    complete(correlationId, f -> f.complete(reply));
  }

  private static int errorCode(UnsafeBuffer frame) {
    return error(frame).code();
  }

  private static String errorText(UnsafeBuffer frame) {
    ErrorReplyDecoder error = error(frame);
    AnswerCode code = AnswerCode.ofNumber(error.code());
    byte[] text = new byte[error.textLength()];
    error.getText(text, 0, text.length);
    return code + ", " + new String(text, StandardCharsets.US_ASCII);
  }

  private static ErrorReplyDecoder error(UnsafeBuffer frame) {
    return new ErrorReplyDecoder()
        .wrap(
            frame,
            StreamFrame.HEADER_LENGTH,
            ErrorReplyDecoder.BLOCK_LENGTH,
            ErrorReplyDecoder.SCHEMA_VERSION);
  }

  private static UnsafeBuffer readFrame(DataInputStream in) throws IOException {
    int length = Integer.reverseBytes(in.readInt());
    if (length < StreamFrame.MIN_LENGTH || length > StreamFrame.MAX_LENGTH) {
      throw new IOException("frame of " + length + " bytes");
    }
    byte[] frame = new byte[length];
    in.readFully(frame);
    return new UnsafeBuffer(frame);
  }

  private void complete(
      long correlationId, java.util.function.Consumer<CompletableFuture<ClaimReply>> how) {
    CompletableFuture<ClaimReply> future = waiting.remove(correlationId);
    if (future != null) {
      room.release();
      how.accept(future);
    }
  }

  private void fail(VtsException cause) {
    broken = cause;
    closeQuietly(socket);
    waiting.keySet().forEach(id -> complete(id, f -> f.completeExceptionally(cause)));
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // The connection is given up in any case.
    }
  }

  @Override
  public void close() {
    fail(new VtsException("claim stream at " + address + " was closed"));
  }
}
