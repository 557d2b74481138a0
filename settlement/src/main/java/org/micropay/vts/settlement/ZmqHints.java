package org.micropay.vts.settlement;

import java.util.List;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * Listens to a node's ZMQ notifications and passes each on as a bare hint. What was said is not
 * read: messages get lost, and a gap must not matter. One daemon thread of its own.
 */
final class ZmqHints implements AutoCloseable {
  private static final int RECEIVE_TIMEOUT_MILLIS = 250;
  private static final int CLOSE_MILLIS = 5_000;

  private final List<String> endpoints;
  private final Runnable hint;
  private volatile boolean running;
  private Thread thread;

  ZmqHints(List<String> endpoints, Runnable hint) {
    this.endpoints = endpoints;
    this.hint = hint;
  }

  void start() {
    if (endpoints.isEmpty()) {
      return;
    }
    running = true;
    thread = Thread.ofPlatform().name("vts-zmq-hints").daemon(true).start(this::listen);
  }

  private void listen() {
    try (ZContext context = new ZContext();
        ZMQ.Socket socket = context.createSocket(SocketType.SUB)) {
      socket.setReceiveTimeOut(RECEIVE_TIMEOUT_MILLIS);
      socket.subscribe("hashblock");
      socket.subscribe("sequence");
      // A socket reconnects by itself for as long as it lives.
      endpoints.forEach(socket::connect);
      while (running) {
        if (socket.recv() == null) {
          continue;
        }
        while (socket.hasReceiveMore()) {
          socket.recv();
        }
        hint.run();
      }
    } catch (ZMQException e) {
      if (running) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    running = false;
    if (thread == null) {
      return;
    }
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
