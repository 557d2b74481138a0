package org.micropay.vts.appliance.stream;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.server.TlsFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The binary claim stream: SBE frames over TCP or TLS, pipelined, answered by correlation id in any
 * order. One event loop per connection; no connection can hold up another.
 */
public final class StreamServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("vts.stream");
  private static final int RECEIVE_BUFFER = 256 * 1024;
  private static final int HANDSHAKE_SECONDS = 10;

  private final StreamServices services;
  private final ApplianceConfig.Stream config;
  private final NetServer server;
  private final Set<StreamConnection> connections = ConcurrentHashMap.newKeySet();

  private StreamServer(StreamServices services, ApplianceConfig.Stream config, NetServer server) {
    this.services = services;
    this.config = config;
    this.server = server;
  }

  /**
   * Starts to listen.
   *
   * @param resolve makes the configuration's relative paths absolute
   * @return completes with the server once it accepts connections
   */
  public static Future<StreamServer> start(
      Vertx vertx,
      StreamServices services,
      ApplianceConfig.Stream config,
      UnaryOperator<Path> resolve) {
    NetServerOptions options =
        new NetServerOptions()
            .setHost(config.listen().host())
            .setPort(config.listen().port())
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setReceiveBufferSize(RECEIVE_BUFFER)
            .setSendBufferSize(RECEIVE_BUFFER)
            .setReuseAddress(true);
    if (config.tls() != null) {
      options
          .setSsl(true)
          .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
          .setKeyCertOptions(TlsFiles.read("stream", config.tls(), resolve));
    }
    NetServer netServer = vertx.createNetServer(options);
    StreamServer server = new StreamServer(services, config, netServer);
    netServer.connectHandler(socket -> server.accept(vertx, socket));
    return netServer.listen().map(listening -> server);
  }

  /** The port that was bound. */
  public int port() {
    return server.actualPort();
  }

  /** Connections that are open now. */
  public int connectionCount() {
    return connections.size();
  }

  private void accept(Vertx vertx, NetSocket socket) {
    StreamConnection connection = new StreamConnection(socket, services, config.maxInFlight());
    long id =
        connections.size() < config.maxConnections() ? services.replies().add(connection) : -1;
    if (id < 0) {
      LOG.warn("connection refused: {} are open", connections.size());
      socket.close();
      return;
    }
    connections.add(connection);
    socket.closeHandler(
        closed -> {
          connections.remove(connection);
          services.replies().remove(id);
        });
    connection.start(vertx, id);
  }

  /** Stops accepting, then closes every connection. */
  @Override
  public void close() {
    server.close();
    connections.forEach(StreamConnection::close);
  }
}
