package org.micropay.vts.appliance.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.settlement.EmbeddedChain;
import org.micropay.vts.settlement.Payment;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * The regtest chain inside the server: coins and blocks through its development interface, and at
 * the end the chain's own file, whose every block is checked again when it is opened.
 */
final class EmbeddedDemoChain implements DemoChain {
  private static final int OUTPUTS_PER_REQUEST = 500;

  private final ServerProcess server;
  private final Path folder;

  EmbeddedDemoChain(ServerProcess server, Path folder) {
    this.server = server;
    this.folder = folder;
  }

  @Override
  public String configuration() {
    return """
    kind = "embedded"
    directory = "%s"
    """
        .formatted(folder.getFileName());
  }

  @Override
  public String name() {
    return "embedded regtest chain";
  }

  @Override
  public List<Outpoint> fund(List<Payment> payments) {
    List<Outpoint> made = new ArrayList<>();
    for (int from = 0; from < payments.size(); from += OUTPUTS_PER_REQUEST) {
      List<Map<String, Object>> outputs = new ArrayList<>();
      for (Payment payment :
          payments.subList(from, Math.min(payments.size(), from + OUTPUTS_PER_REQUEST))) {
        outputs.add(
            Map.of("script", HexFormat.of().formatHex(payment.script()), "value", payment.value()));
      }
      for (JsonNode funded : post("/v1/dev/fund", Map.of("outputs", outputs)).path("outpoints")) {
        String[] place = funded.asText().split(":", 2);
        made.add(new Outpoint(Bytes32.fromReversedHex(place[0]), Integer.parseInt(place[1])));
      }
    }
    return made;
  }

  @Override
  public int mine(int blocks) {
    return post("/v1/dev/mine", Map.of("blocks", blocks)).path("height").asInt();
  }

  private JsonNode post(String path, Object body) {
    try (VtsHttpClient http = server.http()) {
      VtsHttpClient.Answer answer = http.post(path, body);
      if (answer.status() != 200) {
        throw new DemoException(
            "%s was answered %d, %s".formatted(path, answer.status(), answer.detail()));
      }
      return answer.body();
    }
  }

  @Override
  public List<byte[]> blocks() {
    try (EmbeddedChain chain = EmbeddedChain.open(file(), InstantSource.system())) {
      return ChainBlocks.all(chain);
    }
  }

  private Path file() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .findFirst()
          .orElseThrow(() -> new DemoException("the server left no chain in " + folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {}
}
