package org.micropay.vts.settlement;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * Listens to a node's ZMQ notifications and passes each on as a bare hint. What was said is not
 * read: messages get lost, and a gap must not matter. Gaps are counted all the same, by the numbers
 * that the node gives the messages of each topic, for whoever wonders why news comes late. One
 * daemon thread of its own; the counts may be read by any.
 *
 * <pre>
 *  a message is three frames:  topic | body | number u32, little-endian, from 0 at the node's start
 * </pre>
 */
final class ZmqHints implements AutoCloseable {
  private static final int RECEIVE_TIMEOUT_MILLIS = 250;
  private static final int CLOSE_MILLIS = 5_000;

  private final List<String> endpoints;
  private final Runnable hint;
  private volatile boolean running;
  private final Map<String, Integer> expected = new HashMap<>();
  private volatile long heard;
  private volatile long lost;
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
        byte[] topic = socket.recv();
        if (topic == null) {
          continue;
        }
        byte[] last = topic;
        while (socket.hasReceiveMore()) {
          last = socket.recv();
        }
        hint.run();
        count(new String(topic, StandardCharsets.US_ASCII), last);
      }
    } catch (ZMQException e) {
      if (running) {
        throw e;
      }
    }
  }

  /** Only the listening thread writes. Several endpoints number apart, so nothing can be said. */
  private void count(String topic, byte[] number) {
    heard++;
    if (number.length != Integer.BYTES || endpoints.size() != 1) {
      return;
    }
    int at = ByteBuffer.wrap(number).order(ByteOrder.LITTLE_ENDIAN).getInt();
    Integer next = expected.put(topic, at + 1);
    // A lower number is that of a node that started anew.
    if (next != null && at - next > 0) {
      lost += at - next;
    }
  }

  /** Messages that arrived. */
  long heard() {
    return heard;
  }

  /** Messages that were sent between those that arrived, and did not. */
  long lost() {
    return lost;
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
