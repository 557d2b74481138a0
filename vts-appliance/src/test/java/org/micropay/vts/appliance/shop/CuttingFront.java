package org.micropay.vts.appliance.shop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A line to a shop that lets requests through and, while it is cut, ends the connection instead of
 * bringing the answer to a ticket. Any thread.
 */
final class CuttingFront implements AutoCloseable {
  private final ServerSocket listener;
  private final InetSocketAddress behind;
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile boolean cut;

  private CuttingFront(ServerSocket listener, int port) {
    this.listener = listener;
    this.behind = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  static CuttingFront before(int port) throws IOException {
    ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    CuttingFront front = new CuttingFront(listener, port);
    Thread.ofVirtual().name("cutting-front").start(front::accept);
    return front;
  }

  URI at(String path) {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + path);
  }

  void cut(boolean now) {
    cut = now;
  }

  /** Answers to tickets that nobody got. */
  int cuts() {
    return cuts.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket();
        server.connect(behind);
        boolean[] paid = {false};
        Thread.ofVirtual().start(() -> pump(client, server, paid, true));
        Thread.ofVirtual().start(() -> pump(server, client, paid, false));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void pump(Socket from, Socket to, boolean[] paid, boolean requests) {
    byte[] buffer = new byte[16_384];
    try (from;
        to) {
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        synchronized (paid) {
          if (requests) {
            paid[0] = hasTicket(Arrays.copyOf(buffer, n));
          } else if (paid[0] && cut) {
            cuts.incrementAndGet();
            return;
          }
        }
        to.getOutputStream().write(buffer, 0, n);
        to.getOutputStream().flush();
      }
    } catch (IOException e) {
      // The other side goes as well.
    }
  }

  private static boolean hasTicket(byte[] request) {
    return new String(request, StandardCharsets.ISO_8859_1)
        .toLowerCase(Locale.ROOT)
        .contains("authorization: vts-ticket");
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
