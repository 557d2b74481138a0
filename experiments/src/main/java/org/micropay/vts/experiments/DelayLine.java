package org.micropay.vts.experiments;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A loopback proxy that delays every piece of every connection, in both directions, as a cable
 * modem's line would: a fixed time and an exponential one on top, never out of order. Its own
 * virtual threads; any thread starts and closes it.
 */
final class DelayLine implements SlowLine {
  /** Least one-way delay. */
  static final double FIXED_MILLIS = 19;

  /** Mean of what comes on top. */
  static final double JITTER_MILLIS = 4;

  private static final int BUFFER = 16 * 1024;

  private final ServerSocket listener;
  private final InetSocketAddress target;
  private final Random random;
  private final String why;

  private record Piece(byte[] bytes, long dueNanos) {}

  private DelayLine(ServerSocket listener, InetSocketAddress target, long seed, String why) {
    this.why = why;
    this.listener = listener;
    this.target = target;
    this.random = new Random(seed);
  }

  /**
   * Starts before a server.
   *
   * @param why there is no better line, for the report
   */
  static DelayLine before(URI server, long seed, String why) {
    try {
      ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
      DelayLine line =
          new DelayLine(
              listener, new InetSocketAddress(server.getHost(), server.getPort()), seed, why);
      Thread.ofVirtual().name("delay-accept").start(line::accept);
      return line;
    } catch (IOException e) {
      throw new LoadException("the delaying proxy cannot listen: " + e.getMessage(), e);
    }
  }

  @Override
  public URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  @Override
  public String description() {
    return "built-in delaying loopback proxy: one way %s ms and exponential with mean %s ms (%s)"
        .formatted(Figures.plain(FIXED_MILLIS), Figures.plain(JITTER_MILLIS), why);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket();
        server.connect(target);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        pump(client, server);
        pump(server, client);
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void pump(Socket from, Socket to) {
    BlockingQueue<Piece> line = new LinkedBlockingQueue<>();
    Thread.ofVirtual().name("delay-read").start(() -> read(from, line));
    Thread.ofVirtual().name("delay-write").start(() -> write(to, line));
  }

  private void read(Socket from, BlockingQueue<Piece> line) {
    byte[] buffer = new byte[BUFFER];
    long last = 0;
    try (from) {
      InputStream in = from.getInputStream();
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        last = Math.max(last, System.nanoTime() + delayNanos());
        line.add(new Piece(java.util.Arrays.copyOf(buffer, length), last));
      }
    } catch (IOException e) {
      // The other side goes as well.
    } finally {
      line.add(new Piece(new byte[0], 0));
    }
  }

  private synchronized long delayNanos() {
    double exponential = -Math.log(1 - random.nextDouble());
    return (long) ((FIXED_MILLIS + JITTER_MILLIS * exponential) * 1e6);
  }

  private static void write(Socket to, BlockingQueue<Piece> line) {
    try (to) {
      OutputStream out = to.getOutputStream();
      for (Piece piece = line.take(); piece.bytes.length > 0; piece = line.take()) {
        for (long left = piece.dueNanos - System.nanoTime(); left > 0; ) {
          LockSupport.parkNanos(left);
          left = piece.dueNanos - System.nanoTime();
        }
        out.write(piece.bytes);
        out.flush();
      }
    } catch (IOException e) {
      // The other side goes as well.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
