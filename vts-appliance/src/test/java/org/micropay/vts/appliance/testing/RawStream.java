package org.micropay.vts.appliance.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.micropay.vts.merchant.ClaimStreamClient;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;

/**
 * The claim stream byte by byte, after docs/PROTOCOL.md section 13 and not by the generated
 * flyweights, so that a test sends what it likes and sees exactly what comes back.
 */
public final class RawStream implements AutoCloseable {
  /** Template ids. */
  public static final int HELLO = 1;

  public static final int WELCOME = 2;
  public static final int CLAIM_REQUEST = 3;
  public static final int CLAIM_REPLY = 4;
  public static final int ESCROW_REQUEST = 5;
  public static final int ESCROW_REPLY = 6;
  public static final int REGISTER_REQUEST = 7;
  public static final int REGISTER_REPLY = 8;
  public static final int ERROR_REPLY = 9;

  private static final int TIMEOUT_MILLIS = 60_000;
  private static final int HEADER = 8;

  private final Socket socket;
  private final DataInputStream in;

  private RawStream(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
  }

  /** Connects and says nothing. */
  public static RawStream connect(InetSocketAddress address) throws IOException {
    Socket socket = new Socket();
    socket.connect(address, TIMEOUT_MILLIS);
    return over(socket);
  }

  /** The same over a socket that is connected already. */
  public static RawStream over(Socket socket) throws IOException {
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    return new RawStream(socket);
  }

  /** Connects and exchanges greetings. */
  public static RawStream open(InetSocketAddress address) throws IOException {
    RawStream stream = connect(address);
    stream.greet();
    return stream;
  }

  /** Sends Hello and takes the Welcome. */
  public Frame greet() throws IOException {
    send(hello(1, Network.REGTEST.magic()));
    Frame welcome = read();
    assertEquals(WELCOME, welcome.template());
    return welcome;
  }

  /** The socket. */
  public Socket socket() {
    return socket;
  }

  /** Writes bytes as they are. */
  public void send(byte[]... parts) throws IOException {
    int length = Arrays.stream(parts).mapToInt(p -> p.length).sum();
    ByteBuffer joined = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      joined.put(part);
    }
    socket.getOutputStream().write(joined.array());
    socket.getOutputStream().flush();
  }

  /** Sends one claim and gives its reply. */
  public Frame claim(long correlationId, byte[] claim) throws IOException {
    send(ClaimStreamClient.request(correlationId, claim));
    Frame reply = read();
    assertEquals(correlationId, reply.correlationId());
    return reply;
  }

  /** The next frame. */
  public Frame read() throws IOException {
    int length = Integer.reverseBytes(in.readInt());
    if (length < HEADER || length > 4096) {
      throw new AssertionError("the server sent a frame of length " + length);
    }
    byte[] frame = new byte[length];
    in.readFully(frame);
    return new Frame(ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN));
  }

  /** Waits for the server's end of the stream; fails when it says more instead. */
  public void readEnd() throws IOException {
    try {
      int next = in.read();
      assertEquals(-1, next, "the server said more instead of closing");
    } catch (SocketException e) {
      // Reset: what the server did not read was thrown away. The end, too.
    } catch (EOFException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  // ---- frames to send

  /** A frame with everything of the test's choice behind a right length. */
  public static byte[] frame(int blockLength, int template, int schema, int version, byte[] body) {
    return ByteBuffer.allocate(4 + HEADER + body.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(HEADER + body.length)
        .putShort((short) blockLength)
        .putShort((short) template)
        .putShort((short) schema)
        .putShort((short) version)
        .put(body)
        .array();
  }

  /** A well-formed frame without variable data. */
  public static byte[] frame(int template, byte[] block) {
    return frame(block.length, template, 1, 1, block);
  }

  /** A length alone. */
  public static byte[] length(int length) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array();
  }

  /** Hello. */
  public static byte[] hello(int version, int network) {
    return frame(
        HELLO,
        ByteBuffer.allocate(6)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) version)
            .putInt(network)
            .array());
  }

  /** EscrowRequest. */
  public static byte[] escrow(long correlationId, Bytes32 termsDigest) {
    return frame(
        ESCROW_REQUEST,
        ByteBuffer.allocate(40)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(correlationId)
            .put(termsDigest.toArray())
            .array());
  }

  /** RegisterRequest, or any other message of a correlation id and data. */
  public static byte[] withData(int template, long correlationId, byte[] data) {
    return frame(8, template, 1, 1, data(correlationId, data.length, data));
  }

  /** Correlation id, a length field of the test's choice, and bytes. */
  public static byte[] data(long correlationId, int length, byte[] data) {
    return ByteBuffer.allocate(10 + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(correlationId)
        .putShort((short) length)
        .put(data)
        .array();
  }

  // ---- frames received

  /** One frame from the server, its header first. */
  public record Frame(ByteBuffer bytes) {
    /** Template id. */
    public int template() {
      return bytes.getShort(2);
    }

    /** First field of all replies but Welcome. */
    public long correlationId() {
      return bytes.getLong(HEADER);
    }

    /** When to come back, of a reply to a claim or registration, or of an error. */
    public int retryAfterMillis() {
      return bytes.getInt(HEADER + 8);
    }

    /** The answer, of the same. */
    public AnswerCode code() {
      return AnswerCode.ofNumber(
          Short.toUnsignedInt(
              bytes.getShort(
                  switch (template()) {
                    case CLAIM_REPLY, REGISTER_REPLY -> HEADER + 12 + 32;
                    case ERROR_REPLY -> HEADER + 12;
                    default -> throw new AssertionError("template " + template() + " has no code");
                  })));
    }

    /** The position of a reply to a claim or registration. */
    public long position() {
      return bytes.getLong(HEADER + 12 + 32 + 2);
    }

    /** The 106 bytes of a ClaimReply's receipt. */
    public byte[] receipt() {
      assertEquals(CLAIM_REPLY, template());
      return Arrays.copyOfRange(bytes.array(), HEADER + 12, HEADER + 118);
    }

    /** The text of an ErrorReply. */
    public String text() {
      assertEquals(ERROR_REPLY, template());
      int length = Short.toUnsignedInt(bytes.getShort(HEADER + 14));
      assertEquals(bytes.capacity(), HEADER + 16 + length);
      return new String(bytes.array(), HEADER + 16, length, StandardCharsets.US_ASCII);
    }

    /** The state of an EscrowReply. */
    public int state() {
      assertEquals(ESCROW_REPLY, template());
      return bytes.get(HEADER + 8);
    }
  }
}
