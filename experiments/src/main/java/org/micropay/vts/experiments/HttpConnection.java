package org.micropay.vts.experiments;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * One kept connection of HTTP/1.1 that costs next to nothing, so that what is measured is the
 * server: a request is one write, an answer is read as far as its framing says. Blocking; one
 * thread. It opens itself again after the server has closed it.
 */
final class HttpConnection implements AutoCloseable {
  private static final int BUFFER = 16 * 1024;
  private static final int MAX_LINE = 16 * 1024;
  private static final int MAX_BODY = 64 << 20;
  private static final int DEFAULT_HTTP = 80;
  private static final int DEFAULT_HTTPS = 443;

  private final URI uri;
  private final int timeoutMillis;
  private Socket socket;
  private InputStream in;
  private OutputStream out;

  /**
   * An answer.
   *
   * @param headers by lower-case name; of repeated ones the last
   * @param body whole
   */
  record Response(int status, Map<String, String> headers, byte[] body) {}

  /** Not connected yet; of the URI only scheme, host and port count. */
  HttpConnection(URI uri, int timeoutMillis) {
    this.uri = uri;
    this.timeoutMillis = timeoutMillis;
  }

  /** Host and port, for messages and the Host header. */
  String authority() {
    return uri.getAuthority();
  }

  /** Connects now instead of with the first request. */
  void connect() throws IOException {
    boolean secure = "https".equals(uri.getScheme());
    int port = uri.getPort() >= 0 ? uri.getPort() : secure ? DEFAULT_HTTPS : DEFAULT_HTTP;
    Socket opened = new Socket();
    try {
      opened.connect(new InetSocketAddress(uri.getHost(), port), timeoutMillis);
      opened.setTcpNoDelay(true);
      opened.setSoTimeout(timeoutMillis);
      if (secure) {
        SSLSocketFactory tls = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket over = (SSLSocket) tls.createSocket(opened, uri.getHost(), port, true);
        SSLParameters parameters = over.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        over.setSSLParameters(parameters);
        opened = over;
      }
      in = new BufferedInputStream(opened.getInputStream(), BUFFER);
      out = opened.getOutputStream();
      socket = opened;
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  /** The bytes of a GET, to be sent any number of times. */
  byte[] get(String pathAndQuery, String... headers) {
    StringBuilder head = new StringBuilder(256);
    head.append("GET ").append(pathAndQuery).append(" HTTP/1.1\r\nHost: ").append(authority());
    for (int i = 0; i < headers.length; i += 2) {
      head.append("\r\n").append(headers[i]).append(": ").append(headers[i + 1]);
    }
    return head.append("\r\n\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Sends and reads the answer; the connection is closed when that fails.
   *
   * @throws IOException when there was none, or it is no HTTP
   */
  Response exchange(byte[] request) throws IOException {
    if (socket == null) {
      connect();
    }
    try {
      out.write(request);
      out.flush();
      return read();
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private Response read() throws IOException {
    String start = line();
    if (!start.startsWith("HTTP/1.") || start.length() < 12) {
      throw new IOException("no HTTP/1.1 answer");
    }
    int status = parse(start.substring(9, 12), 10);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IOException("a header line without a colon");
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    byte[] body = body(status, headers);
    boolean kept =
        start.startsWith("HTTP/1.0")
            ? "keep-alive".equalsIgnoreCase(headers.get("connection"))
            : !"close".equalsIgnoreCase(headers.get("connection"));
    if (!kept) {
      close();
    }
    return new Response(status, headers, body);
  }

  private byte[] body(int status, Map<String, String> headers) throws IOException {
    if (status == 204 || status == 304) {
      return new byte[0];
    }
    if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      return chunks();
    }
    String length = headers.get("content-length");
    if (length != null) {
      int bytes = bounded(parse(length, 10));
      byte[] body = in.readNBytes(bytes);
      if (body.length < bytes) {
        throw new IOException("the answer ended early");
      }
      return body;
    }
    byte[] rest = in.readNBytes(MAX_BODY);
    close();
    return rest;
  }

  private byte[] chunks() throws IOException {
    var body = new java.io.ByteArrayOutputStream();
    while (true) {
      String size = line();
      int end = size.indexOf(';');
      int bytes = bounded(parse((end < 0 ? size : size.substring(0, end)).strip(), 16));
      if (bytes == 0) {
        while (!line().isEmpty()) {
          // Trailers say nothing here.
        }
        return body.toByteArray();
      }
      bounded(body.size() + bytes);
      body.write(in.readNBytes(bytes));
      line();
    }
  }

  private static int bounded(int bytes) throws IOException {
    if (bytes < 0 || bytes > MAX_BODY) {
      throw new IOException("a body of " + bytes + " bytes");
    }
    return bytes;
  }

  private static int parse(String number, int radix) throws IOException {
    try {
      return Integer.parseInt(number, radix);
    } catch (NumberFormatException e) {
      throw new IOException("'" + number + "' is no number", e);
    }
  }

  private String line() throws IOException {
    byte[] bytes = new byte[128];
    int length = 0;
    while (true) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the server closed the connection");
      }
      if (next == '\n') {
        break;
      }
      if (length == MAX_LINE) {
        throw new IOException("a line longer than " + MAX_LINE + " bytes");
      }
      if (length == bytes.length) {
        bytes = java.util.Arrays.copyOf(bytes, 2 * length);
      }
      bytes[length++] = (byte) next;
    }
    if (length > 0 && bytes[length - 1] == '\r') {
      length--;
    }
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        // Given up in any case.
      }
      socket = null;
    }
  }
}
