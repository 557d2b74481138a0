package org.micropay.vts.appliance.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The interface's own description: the routes that this server has, and no others. */
final class OpenApi {
  private static final String DEV = "/v1/dev/";

  private OpenApi() {}

  /** The document; with the handles of the embedded chain where they exist. */
  static byte[] document(boolean withDevChain) {
    try (InputStream in = OpenApi.class.getResourceAsStream("openapi.json")) {
      ObjectMapper mapper = new ObjectMapper();
      JsonNode document = mapper.readTree(in);
      if (!withDevChain) {
        ((ObjectNode) document.path("paths"))
            .properties()
            .removeIf(path -> path.getKey().startsWith(DEV));
      }
      return mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(document);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
