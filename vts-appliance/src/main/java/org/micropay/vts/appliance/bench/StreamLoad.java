package org.micropay.vts.appliance.bench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.micropay.vts.merchant.ClaimStreamClient;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.StreamFrame;
import org.micropay.vts.ticket.sbe.ClaimReplyDecoder;

/**
 * Load on one connection of the claim stream: the calling thread writes frames, one thread reads
 * answers, never more than a window in flight. Frames are written in large pieces, as a busy
 * merchant's client would.
 */
final class StreamLoad implements AutoCloseable {
  private static final int WRITE_BUFFER = 64 * 1024;
  private static final int READ_BUFFER = 256 * 1024;
  private static final long PARK_NANOS = 200_000;
  private static final int WINDOWS_PER_REFILL = 8;
  private static final long LONGEST_NANOS = 60_000_000_000L;

  private final SignedClaims claims;
  private final int window;
  private final SocketChannel channel;
  private final long[] sentNanos;
  private final Histogram latency = new Histogram(LONGEST_NANOS, 3);
  private final AtomicLong answered = new AtomicLong();
  private volatile String failure;
  private long sent;
  private volatile long lastAnswerNanos;

  private StreamLoad(SignedClaims claims, int window, SocketChannel channel) {
    this.claims = claims;
    this.window = window;
    this.channel = channel;
    this.sentNanos = new long[claims.count()];
  }

  /** Connects, greets and starts to read. */
  static StreamLoad connect(InetSocketAddress address, SignedClaims claims, int window) {
    try {
      SocketChannel channel = SocketChannel.open(address);
      channel.socket().setTcpNoDelay(true);
      StreamLoad load = new StreamLoad(claims, window, channel);
      channel.write(ByteBuffer.wrap(ClaimStreamClient.hello(Network.REGTEST)));
      Thread.ofPlatform().daemon().name("load-reader").start(load::readAll);
      return load;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Sends claims {@code from} to {@code to - 1} and waits for all answers.
   *
   * @return seconds from the first claim to the last answer
   */
  double run(int from, int to) {
    ByteBuffer out = ByteBuffer.allocateDirect(WRITE_BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    byte[] claim = new byte[ClaimLayout.MAX_LENGTH];
    // All claims have the same length, so one frame's header serves them all.
    int length = claims.copyTo(from, claim, 0);
    byte[] frame = ClaimStreamClient.request(0, claim, length);
    int header = frame.length - length;
    long start = System.nanoTime();
    long target = sent + (to - from);
    for (int i = from; i < to; i++) {
      claims.copyTo(i, frame, header);
      if (out.remaining() < frame.length || sent - answered.get() >= window) {
        write(out);
        // An eighth of the window at a time: few wake-ups, large writes.
        if (sent - answered.get() >= window) {
          awaitBelow(window - window / WINDOWS_PER_REFILL);
        }
      }
      sentNanos[i] = System.nanoTime();
      int at = out.position();
      out.put(frame);
      out.putLong(at + StreamFrame.BLOCK, i);
      sent++;
    }
    write(out);
    while (answered.get() < target) {
      pause();
    }
    return (lastAnswerNanos - start) / 1e9;
  }

  private void awaitBelow(int limit) {
    while (sent - answered.get() >= limit) {
      pause();
    }
  }

  private void pause() {
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
    LockSupport.parkNanos(PARK_NANOS);
  }

  private void write(ByteBuffer out) {
    try {
      out.flip();
      while (out.hasRemaining()) {
        channel.write(out);
      }
      out.clear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void readAll() {
    byte[] body = new byte[StreamFrame.MAX_LENGTH];
    ByteBuffer view = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(channel.socket().getInputStream(), READ_BUFFER))) {
      while (true) {
        int length = Integer.reverseBytes(in.readInt());
        in.readFully(body, 0, length);
        int template = view.getShort(2) & 0xFFFF;
        if (template == ClaimReplyDecoder.TEMPLATE_ID) {
          onReply(view);
        } else if (template == org.micropay.vts.ticket.sbe.ErrorReplyDecoder.TEMPLATE_ID) {
          failure = "the server answered with an error frame";
        }
      }
    } catch (EOFException e) {
      failure = "the server closed the connection";
    } catch (IOException e) {
      failure = "the connection broke: " + e.getMessage();
    }
  }

  private void onReply(ByteBuffer view) {
    int block = StreamFrame.HEADER_LENGTH;
    int code = view.getShort(block + ClaimReplyDecoder.codeEncodingOffset()) & 0xFFFF;
    if (code != AnswerCode.GRANTED.number()) {
      failure = "a claim was answered " + AnswerCode.ofNumber(code);
      return;
    }
    long now = System.nanoTime();
    long nanos = now - sentNanos[(int) view.getLong(block)];
    latency.recordValue(Math.clamp(nanos, 1, LONGEST_NANOS));
    lastAnswerNanos = now;
    answered.setRelease(answered.getPlain() + 1);
  }

  /** From writing a claim into the buffer to reading its answer; call between runs only. */
  Histogram latency() {
    return latency;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
